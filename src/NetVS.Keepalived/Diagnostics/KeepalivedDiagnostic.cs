using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Diagnostics;

/// <summary>One problem of a configuration.</summary>
public sealed record KeepalivedDiagnostic
{
    /// <summary>Where.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>How bad.</summary>
    public required DiagnosticSeverity Severity { get; init; }

    /// <summary>keepalived's class.</summary>
    public required ProblemClass Class { get; init; }

    /// <summary>What is wrong, in keepalived's words where it has any.</summary>
    public required string Message { get; init; }

    /// <summary>The other lines that keepalived prints for the same mistake, before or after its main one.</summary>
    public IReadOnlyList<string> Also { get; init; } = [];

    /// <summary>What to do; null where the message says it.</summary>
    public string? Advice { get; init; }

    /// <summary>Where the wrong text is defined, when it came out of a definition.</summary>
    public SourcePosition? Definition { get; init; }

    /// <summary>
    /// Whether keepalived would have stopped before it noticed: such a problem does not count for the exit status.
    /// </summary>
    public bool IsBeyondStop { get; init; }

    /// <summary><c>file:line:column: severity: message</c>.</summary>
    public override string ToString() => $"{Position}: {DiagnosticText.Name(Severity)}: {Message}";
}
