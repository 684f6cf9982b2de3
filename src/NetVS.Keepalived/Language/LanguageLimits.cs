namespace NetVS.Keepalived.Language;

/// <summary>What bounds the reader's time and memory, whatever the input.</summary>
public static class LanguageLimits
{
    /// <summary>Octets of a physical line; what is beyond is read as the next line (keepalived's buffer).</summary>
    public const int LineOctets = 1023;

    /// <summary>Octets of one file.</summary>
    public const int FileOctets = 64 << 20;

    /// <summary>Octets of all files together.</summary>
    public const long TotalOctets = 256L << 20;

    /// <summary>Includes within includes.</summary>
    public const int IncludeDepth = 32;

    /// <summary>Files that one include directive may name.</summary>
    public const int IncludeMatches = 4096;

    /// <summary>Replacements of definitions in one line, and definitions within definitions.</summary>
    public const int Replacements = 1000;

    /// <summary>Characters of a line after replacing.</summary>
    public const int ExpandedLine = 64 << 10;

    /// <summary>Lines that all sequences and multi-line definitions together may make.</summary>
    public const int ExpandedLines = 1_000_000;

    /// <summary>Sequences and multi-line definitions within each other.</summary>
    public const int ExpansionDepth = 64;

    /// <summary>Problems that are kept; of more, only the number is.</summary>
    public const int Diagnostics = 2000;
}
