namespace NetVS.Keepalived.Diagnostics;

/// <summary>keepalived's classes of configuration errors; the highest one seen decides the exit status (reference §2.11).</summary>
public enum ProblemClass
{
    /// <summary>No configuration error: a log line of keepalived, or a remark of NetVS.</summary>
    None,

    /// <summary>The configuration file itself was not found.</summary>
    FileNotFound,

    /// <summary>An interface that cannot be used.</summary>
    BadInterface,

    /// <summary>Cannot run.</summary>
    Fatal,

    /// <summary>Several root files.</summary>
    MultipleFiles,

    /// <summary>A keyword that does not exist, at least not here.</summary>
    UnknownKeyword,

    /// <summary>A brace where no block can begin.</summary>
    UnexpectedBegin,

    /// <summary>No brace where a block must begin.</summary>
    MissingBegin,

    /// <summary>A closing brace too many.</summary>
    UnexpectedEnd,

    /// <summary>A closing brace too few.</summary>
    MissingEnd,

    /// <summary>A double quote without a partner.</summary>
    UnmatchedQuote,

    /// <summary>A keyword without its value: keepalived stops reading at once.</summary>
    MissingParameter,

    /// <summary>Not a number, or out of range.</summary>
    InvalidNumber,

    /// <summary>Any other error.</summary>
    General,

    /// <summary>It works, but perhaps not as meant.</summary>
    Warning,

    /// <summary>It works, but is written in an old way.</summary>
    Deprecated,

    /// <summary>Scripts that others could change.</summary>
    Security,

    /// <summary>An include that must find its file did not: keepalived refuses to run.</summary>
    StrictInclude,
}
