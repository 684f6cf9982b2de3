using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace NetVS.Health.Probes;

/// <summary>An HTTP answer while it comes: its status, its digest, and the part of its body that is searched.</summary>
internal sealed class HttpAnswer : IDisposable
{
    private readonly IncrementalHash? _digest;
    private readonly MemoryStream? _searched;
    private long _left = long.MaxValue;

    private HttpAnswer(string statusLine, bool hasDigest, bool isSearched)
    {
        StatusLine = statusLine;
        Status = ReadStatus(statusLine);
#pragma warning disable CA5351 // The configuration names an MD5 sum; nothing depends on its strength.
        if (hasDigest) _digest = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        if (isSearched) _searched = new MemoryStream();
    }

    /// <summary>The first line.</summary>
    public string StatusLine { get; }

    /// <summary>The status code; 0 if there is none: three digits between two blanks.</summary>
    public int Status { get; }

    /// <summary>Octets of the body so far.</summary>
    public long Octets { get; private set; }

    /// <summary>The octets that are searched.</summary>
    public ReadOnlySpan<byte> Searched => _searched is null ? [] : _searched.GetBuffer().AsSpan(0, (int)_searched.Length);

    /// <summary>Begins when the header is whole; what comes after it is taken as body.</summary>
    /// <returns>Null while it is not.</returns>
    public static HttpAnswer? TryBegin(ReadOnlySpan<byte> octets, bool hasDigest, bool isSearched)
    {
        int end = octets.IndexOf("\r\n\r\n"u8);
        if (end < 0) return null;
        string header = Encoding.Latin1.GetString(octets[..end]);
        var answer = new HttpAnswer(header.Split("\r\n")[0], hasDigest, isSearched);

        // Only this spelling, and only for what is hashed, as keepalived has it.
        int length = header.IndexOf("\r\nContent-Length:", StringComparison.Ordinal);
        if (length >= 0 && long.TryParse(header[(length + 17)..].Split("\r\n")[0], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long octetsLeft))
            answer._left = Math.Max(octetsLeft, 0);
        answer.Take(octets[(end + 4)..]);
        return answer;
    }

    /// <summary>Takes more of the body.</summary>
    public void Take(ReadOnlySpan<byte> octets)
    {
        Octets += octets.Length;
        if (_searched is not null && _searched.Length < HttpProbe.MostSearched)
            _searched.Write(octets[..(int)Math.Min(octets.Length, HttpProbe.MostSearched - _searched.Length)]);
        ReadOnlySpan<byte> hashed = octets[..(int)Math.Min(octets.Length, _left)];
        _left -= hashed.Length;
        _digest?.AppendData(hashed);
    }

    /// <summary>The MD5 sum of the body, lower case; null if none was asked for.</summary>
    public string? FinishDigest() => _digest is null ? null : Convert.ToHexStringLower(_digest.GetHashAndReset());

    /// <inheritdoc/>
    public void Dispose()
    {
        _digest?.Dispose();
        _searched?.Dispose();
    }

    private static int ReadStatus(string line)
    {
        int blank = line.IndexOf(' ', StringComparison.Ordinal);
        if (blank < 0 || line.Length < blank + 5 || line[blank + 4] != ' ') return 0;
        return int.TryParse(line.AsSpan(blank + 1, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int status) ? status : 0;
    }
}
