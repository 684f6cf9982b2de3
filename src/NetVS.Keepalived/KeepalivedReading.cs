using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;

namespace NetVS.Keepalived;

/// <summary>A configuration and everything that is wrong with it.</summary>
/// <param name="Configuration">The configuration as it would be used, corrected; what could not be understood is not in it.</param>
/// <param name="Problems">The problems in the order of files and lines.</param>
/// <param name="Omitted">Problems beyond the most that are kept.</param>
/// <param name="ExitStatus">The exit status of keepalived's config test for this configuration.</param>
public sealed record KeepalivedReading(KeepalivedConfiguration Configuration, IReadOnlyList<KeepalivedDiagnostic> Problems, int Omitted, int ExitStatus)
{
    /// <summary>What its sequences and definitions have made.</summary>
    public ExpansionBudget Expansion { get; init; } = new();

    /// <summary>Whether the file itself could not be read.</summary>
    public bool IsUnread => Problems is [{ Position.Line: 0 }, ..];
}
