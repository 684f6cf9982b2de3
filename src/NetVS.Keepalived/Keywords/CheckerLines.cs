using System.Globalization;
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;
using NetVS.Keepalived.Values;

namespace NetVS.Keepalived.Keywords;

/// <summary>The lines of checkers that hold more than a number or a word (reference §5.5).</summary>
internal static class CheckerLines
{
    private static readonly string[] s_dnsTypes = ["A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA", "RRSIG", "DNSKEY"];

    /// <summary><c>type TYPE</c>.</summary>
    public static DnsCheck ReadDnsType(BlockReader reader, Statement statement, DnsCheck v)
    {
        if (!reader.TryTake(statement, 1, out Word word)) return v;
        string type = word.Text.ToUpperInvariant();
        if (s_dnsTypes.Contains(type)) return v with { Type = type };
        reader.Error(word, v, "Unknown DNS check type %v - ignoring", $"one of {string.Join(", ", s_dnsTypes)}");
        return v;
    }

    /// <summary><c>name NAME</c>.</summary>
    public static DnsCheck ReadDnsName(BlockReader reader, Statement statement, DnsCheck v)
    {
        const int Longest = 253, LongestLabel = 63;
        if (!reader.TryTake(statement, 1, out Word word)) return v;
        string[] labels = (word.Text.EndsWith('.') ? word.Text[..^1] : word.Text).Split('.');
        if (word.Text != "." && labels.Contains(""))
            reader.Error(word, v, "DNS_CHECK name '%v' has empty label - ignoring", "take out the second dot");
        else if (word.Text.Length > Longest || labels.Any(l => l.Length > LongestLabel))
            reader.Error(word, v, "DNS_CHECK name '%v' is too long - ignoring", $"at most {LongestLabel} characters between dots, {Longest} in all");
        else
            return v with { Question = word.Text };
        return v;
    }

    /// <summary><c>payload HEX…</c>.</summary>
    public static UdpCheck ReadPayload(BlockReader reader, Statement statement, UdpCheck v)
    {
        if (!reader.TryTake(statement, 1, out Word word)) return v;
        if (TryParseHex(statement, allowsAny: false, out byte[] octets, out _)) return v with { Payload = octets };
        reader.Error(word, v, "Invalid hex string for UDP_CHECK payload", "pairs of hexadecimal digits");
        return v;
    }

    /// <summary><c>require_reply [HEX…]</c>; x is a digit that does not matter.</summary>
    public static UdpCheck ReadReply(BlockReader reader, Statement statement, UdpCheck v)
    {
        if (statement[1] is not { } word) return v with { RequiresReply = true };
        if (TryParseHex(statement, allowsAny: true, out byte[] octets, out byte[] mask)) return v with { RequiresReply = true, Reply = octets, ReplyMask = mask };
        reader.Error(word, v, "Invalid hex string for UDP_CHECK reply", "pairs of hexadecimal digits, x for any");
        return v;
    }

    /// <summary><c>track_file NAME</c>; it must have been defined before.</summary>
    public static FileCheck ReadTrackFile(BlockReader reader, Statement statement, FileCheck v)
    {
        if (!reader.TryTake(statement, 1, out Word word)) return v;
        if (reader.Names.ContainsKey(("track_file", word.Text))) return v with { File = word.Text };
        reader.Error(word, v, "track_file %v not found", $"define 'track_file {word.Text}' before this block");
        return v;
    }

    /// <summary><c>weight N [reverse|noreverse]</c>.</summary>
    public static FileCheck ReadFileWeight(BlockReader reader, Statement statement, FileCheck v)
    {
        if (!reader.TryTake(statement, 1, out Word word)) return v;
        if (!NumberText.TryParse(word.Text, -int.MaxValue, int.MaxValue, out long weight, out string complaint))
        {
            reader.BadNumber(word, v, complaint, $"weight for track file {v.File} must be in [-2147483647..2147483647] inclusive. Ignoring...".Replace("  ", " ", StringComparison.Ordinal));
            return v;
        }

        bool? isReversed = statement[2]?.Text switch { "reverse" => true, "noreverse" => false, _ => null };
        if (statement[2] is { } option && isReversed is null) reader.Error(option, v, "unknown track file weight option %v - ignoring", "reverse or noreverse may follow");
        return v with { Weight = (int)weight, IsReversed = isReversed };
    }

    /// <summary><c>status_code N[-N]…</c>.</summary>
    public static HttpPage ReadStatusCodes(BlockReader reader, Statement statement, HttpPage v)
    {
        if (!reader.TryTake(statement, 1, out _)) return v;
        foreach (Word word in statement.Words.Skip(1))
        {
            string[] ends = word.Text.Split('-');
            bool isOk = TryParseCode(ends[0], out int first);
            int last = first;
            if (ends.Length == 2) isOk &= TryParseCode(ends[1], out last);

            if (isOk && ends.Length <= 2 && last >= first) v = v with { StatusCodes = v.StatusCodes.Add(new StatusRange(first, last)) };
            else reader.Error(word, v, "Invalid HTTP_GET status code '%v'", "numbers from 100 to 599, or ranges of them");
        }

        return v;
    }

    /// <summary><c>digest HEX</c>.</summary>
    public static HttpPage ReadDigest(BlockReader reader, Statement statement, HttpPage v)
    {
        const int Length = 32;
        if (!reader.TryTake(statement, 1, out Word word)) return v;
        if (word.Text.Length != Length)
            reader.Error(word, v, $"digest '%v' character length should be {Length} rather than {word.Text.Length}", "the MD5 sum of the page: genhash prints it");
        else if (!word.Text.All(char.IsAsciiHexDigit))
            reader.Error(word, v, "digest '%v' contains non-hexadecimal characters", "the MD5 sum of the page: genhash prints it");
        else
            return v with { Digest = word.Text.ToLowerInvariant() };
        return v;
    }

    /// <summary><c>regex PATTERN</c>, quoted as a script is, on the first level.</summary>
    public static HttpPage ReadPattern(BlockReader reader, Statement statement, HttpPage v)
    {
        if (!reader.TryTake(statement, 1, out _)) return v;
        char unmatched = ScriptWords.Split(statement.Text[statement.Keyword.Length..], out List<(string Text, int Index)> words);
        if (unmatched == '\0' && words.Count > 0) return v with { Pattern = words[0].Text };
        reader.ErrorAt(statement.Position, $"String '{statement.Text}': missing terminating {unmatched}", "close the quote");
        return v;
    }

    /// <summary>An offset into the body.</summary>
    public static long? ReadOffset(BlockReader reader, Statement statement, HttpPage v)
    {
        if (!reader.TryTake(statement, 1, out Word word)) return null;
        if (NumberText.TryParse(word.Text, 0, long.MaxValue, out long offset, out string complaint)) return offset;

        // keepalived only logs mistakes in what belongs to regular expressions.
        reader.Diagnostics.Warn(word.Position, $"{statement.Keyword}: {complaint}", "write a number of octets", ProblemClass.None);
        return null;
    }

    /// <summary><c>http_protocol VERSION</c>; 2 is NetVS's own.</summary>
    public static HttpCheck ReadHttpVersion(BlockReader reader, Statement statement, HttpCheck v)
    {
        if (!reader.TryTake(statement, 1, out Word word)) return v;
        if (word.Text is "1.0" or "1.0C" or "1.1" or "1.0c" or "2") return v with { Version = word.Text.ToUpperInvariant() };
        reader.Error(word, v, "Invalid http_protocol version %v", "1.0, 1.0C, 1.1 or 2");
        return v;
    }

    /// <summary><c>nb_get_retry N</c>, the old name of retry.</summary>
    public static HttpCheck ReadOldRetry(BlockReader reader, Statement statement, HttpCheck v)
    {
        reader.Diagnostics.Warn(statement.Position, "nb_get_retry is deprecated - please use 'retry'", kind: ProblemClass.Deprecated);
        if (!reader.TryTake(statement, 1, out Word word)) return v;
        if (NumberText.TryParse(word.Text, 0, uint.MaxValue, out long retries, out string complaint))
            return CheckerKeywords.Set(v, o => o with { Times = o.Times with { Retries = (int)Math.Min(retries, int.MaxValue) } });
        reader.BadNumber(word, v, complaint, "Invalid nb_get_retry value '%v'");
        return v;
    }

    private static bool TryParseCode(string text, out int code) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out code) && code is >= 100 and <= 599;

    private static bool TryParseHex(Statement statement, bool allowsAny, out byte[] octets, out byte[] mask)
    {
        string digits = string.Concat(statement.Words.Skip(1).Select(w => w.Text)).Replace(" ", "", StringComparison.Ordinal);
        octets = new byte[digits.Length / 2];
        mask = new byte[digits.Length / 2];
        if (digits.Length % 2 != 0) return false;
        for (int i = 0; i < digits.Length; i++)
        {
            bool isAny = allowsAny && digits[i] is 'x' or 'X';
            if (!isAny && !char.IsAsciiHexDigit(digits[i])) return false;
            int value = isAny ? 0 : Convert.ToInt32(digits.Substring(i, 1), 16);
            octets[i / 2] = (byte)((octets[i / 2] << 4 & 0xF0) | value);
            mask[i / 2] = (byte)((mask[i / 2] << 4 & 0xF0) | (isAny ? 0 : 0xF));
        }

        return true;
    }
}
