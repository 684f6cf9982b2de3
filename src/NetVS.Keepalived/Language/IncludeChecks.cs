namespace NetVS.Keepalived.Language;

/// <summary>What an include insists on (reference §2.1).</summary>
[Flags]
internal enum IncludeChecks
{
    /// <summary>Nothing: what is missing is only logged.</summary>
    None = 0,

    /// <summary>A file that is found can be read.</summary>
    Read = 1,

    /// <summary>At least one file is found.</summary>
    Match = 2,

    /// <summary>Every wildcard finds something.</summary>
    WildcardMatch = 4,

    /// <summary>Every alternative in braces finds something.</summary>
    BraceMatch = 8,

    /// <summary>All of them.</summary>
    All = 15,
}
