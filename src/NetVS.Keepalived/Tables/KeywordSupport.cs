namespace NetVS.Keepalived.Tables;

/// <summary>What NetVS does with a keyword.</summary>
public enum KeywordSupport
{
    /// <summary>It reaches the rules: <c>netvs plan -f</c> shows its effect.</summary>
    Applied,

    /// <summary>It is acted on while the daemon runs: by the checks, or by what follows from them.</summary>
    Run,

    /// <summary>It is read, checked and kept in the configuration; nothing acts on it yet.</summary>
    Read,

    /// <summary>It is reported by name, and has no effect.</summary>
    Unsupported,
}
