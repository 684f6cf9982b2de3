namespace NetVS.Keepalived.Tables;

/// <summary>What NetVS does with a keyword.</summary>
public enum KeywordSupport
{
    /// <summary>It reaches the rules: <c>netvs plan -f</c> shows its effect.</summary>
    Applied,

    /// <summary>It is acted on while the daemon runs: by the checks, or by what follows from them.</summary>
    Run,

    /// <summary>A configuration with it is not put in force: the part it belongs to refuses it by name, at its place.</summary>
    Refused,

    /// <summary>It is reported by name, and has no effect.</summary>
    Unsupported,

    /// <summary>Nobody has said what is done with it: a test finds such keywords.</summary>
    Unknown,
}
