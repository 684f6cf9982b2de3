using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;

namespace NetVS.Keepalived.Values;

/// <summary>Names of interfaces: one that does not exist stops keepalived's VRRP, unless <c>dynamic_interfaces</c> is set.</summary>
internal static class Interfaces
{
    /// <summary>The key under which <see cref="BlockReader.Names"/> knows that interfaces may be missing.</summary>
    public const string Dynamic = "dynamic_interfaces";

    /// <summary>Reports an interface that does not exist.</summary>
    public static void ReportMissing(BlockReader reader, Word word, string message)
    {
        if (reader.Names.ContainsKey((Dynamic, ""))) return;
        reader.HasMissingInterface = true;
        reader.Diagnostics.Add(new KeepalivedDiagnostic
        {
            Position = word.Position,
            Severity = DiagnosticSeverity.Error,
            Class = ProblemClass.General,
            Message = message,
            Advice = "correct the name ('ip link' lists them), or set dynamic_interfaces in global_defs if it comes later",
            Definition = word.Definition,
        });
    }

    /// <summary>A line that names an interface.</summary>
    public static NamedPlace? ReadName(BlockReader reader, Statement line, string owner)
    {
        if (line[0] is not { } word) return null;
        if (!reader.Host.HasInterface(word.Text)) ReportMissing(reader, word, $"WARNING - interface {word.Text} specified for {owner} doesn't exist");
        return new NamedPlace(word.Text, word.Position);
    }
}
