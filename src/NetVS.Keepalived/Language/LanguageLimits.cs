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

    /// <summary>Files that may be opened in all: files that include each other crosswise open in number what no file is long.</summary>
    public const int OpenedFiles = 65_536;

    /// <summary>Files that one include directive may name.</summary>
    public const int IncludeMatches = 4096;

    /// <summary>Replacements of definitions in one line, and definitions within definitions.</summary>
    public const int Replacements = 1000;

    /// <summary>Characters of a definition's name, with the words that a predefined one takes.</summary>
    public const int Name = 256;

    /// <summary>Characters of a line after replacing, and of one that a sequence makes.</summary>
    public const int ExpandedLine = 64 << 10;

    /// <summary>Lines that all sequences and multi-line definitions together may make.</summary>
    public const int ExpandedLines = 1_000_000;

    /// <summary>
    /// What all sequences and definitions together may write: characters, and <see cref="ExpandedPiece"/> for each part whose place is kept. A line is
    /// written anew for each name that is replaced in it, so this bounds the reader's time, whatever the lines are.
    /// </summary>
    public const long ExpandedCharacters = 256L << 20;

    /// <summary>What keeping the place of a part costs, in characters.</summary>
    public const int ExpandedPiece = 16;

    /// <summary>Sequences and multi-line definitions within each other.</summary>
    public const int ExpansionDepth = 64;

    /// <summary>Problems that are kept; of more, only the number is.</summary>
    public const int Diagnostics = 2000;

    /// <summary>Characters of a problem's text that are kept: a text may quote a whole line.</summary>
    public const int DiagnosticText = 2000;
}
