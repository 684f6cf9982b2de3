using System.Globalization;
using System.Text;

namespace NetVS.Health.Probes;

/// <summary>What comes before an answer's body in HTTP/1.0 and 1.1 (reference §6.4).</summary>
/// <param name="StatusLine">The first line.</param>
/// <param name="Size">How many octets it is long, with the blank line at its end.</param>
/// <param name="ContentLength">How many octets of the body are hashed; null for all.</param>
internal sealed record HttpHead(string StatusLine, int Size, long? ContentLength)
{
    /// <summary>The status code; 0 if there is none: three digits between two blanks.</summary>
    public int Status { get; } = ReadStatus(StatusLine);

    /// <summary>Reads it when it is whole.</summary>
    /// <returns>Null while it is not.</returns>
    public static HttpHead? TryParse(ReadOnlySpan<byte> octets)
    {
        int end = octets.IndexOf("\r\n\r\n"u8);
        if (end < 0) return null;
        string header = Encoding.Latin1.GetString(octets[..end]);

        // Only this spelling, and only for what is hashed, as keepalived has it.
        int at = header.IndexOf("\r\nContent-Length:", StringComparison.Ordinal);
        long? length = at >= 0 && long.TryParse(header[(at + 17)..].Split("\r\n")[0], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long octetsLeft)
            ? Math.Max(octetsLeft, 0)
            : null;
        return new HttpHead(header.Split("\r\n")[0], end + 4, length);
    }

    private static int ReadStatus(string line)
    {
        int blank = line.IndexOf(' ', StringComparison.Ordinal);
        if (blank < 0 || line.Length < blank + 5 || line[blank + 4] != ' ') return 0;
        return int.TryParse(line.AsSpan(blank + 1, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int status) ? status : 0;
    }
}
