namespace NetVS.Keepalived.Diagnostics;

/// <summary>How bad a problem is, for a reader.</summary>
public enum DiagnosticSeverity
{
    /// <summary>Part of the configuration does not count, or nothing would run.</summary>
    Error,

    /// <summary>It is read, but corrected or perhaps not as meant.</summary>
    Warning,

    /// <summary>Right, and NetVS does not do it yet.</summary>
    NotSupportedYet,

    /// <summary>Worth knowing; nothing is wrong.</summary>
    Note,
}
