// Reference §10.3; RFC 3261 §7.3.1 (header fields), §20.8 (Call-ID) and §25.1 (word, callid); RFC 2543 §6 (line ends).

using System.Buffers;
using System.Text;
using NetVS.Packets;

namespace NetVS.Director.Persistence;

/// <summary>SIP over UDP: the messages of a call, recognised by their Call-ID, stay on one real server.</summary>
internal sealed class SipEngine : IPersistenceEngine
{
    private static readonly SearchValues<byte> s_word =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~()<>:\\\"/[]?{}"u8);

    /// <inheritdoc/>
    public string Name => "sip";

    /// <inheritdoc/>
    public IpProtocol Protocol => IpProtocol.Udp;

    /// <inheritdoc/>
    public bool TryFindKey(ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> key)
    {
        key = default;
        ReadOnlySpan<byte> rest = payload;
        while (TrySkipLine(ref rest))
        {
            if (!TryTakeName(ref rest)) continue;
            SkipBlanks(ref rest);
            if (rest.IsEmpty || rest[0] != ':') return false;
            rest = rest[1..];
            SkipBlanks(ref rest);
            return TryReadCallId(rest, out key);
        }

        return false;
    }

    /// <summary>Goes to the beginning of the next line; the first one, a request or status line, is no header field.</summary>
    private static bool TrySkipLine(ref ReadOnlySpan<byte> rest)
    {
        int end = rest.IndexOfAny((byte)'\r', (byte)'\n');
        if (end < 0) return false;
        rest = rest[(end + LineEnd(rest[end..]))..];
        return !rest.IsEmpty;
    }

    // CR, LF or both.
    private static int LineEnd(ReadOnlySpan<byte> rest) => rest.StartsWith("\r\n"u8) ? 2 : 1;

    private static bool TryTakeName(ref ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> name = "call-id"u8;
        if (rest.Length >= name.Length && Ascii.EqualsIgnoreCase(rest[..name.Length], name))
        {
            rest = rest[name.Length..];
            return true;
        }

        // The compact form.
        if (rest.Length < 2 || (rest[0] | 0x20) != 'i' || char.IsAsciiLetter((char)rest[1])) return false;
        rest = rest[1..];
        return true;
    }

    /// <summary>Skips blanks, and line ends behind which the field goes on.</summary>
    private static void SkipBlanks(ref ReadOnlySpan<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            if (IsBlank(rest[0]))
            {
                rest = rest[1..];
                continue;
            }

            if (rest[0] is not ((byte)'\r' or (byte)'\n')) return;
            int end = LineEnd(rest);
            if (rest.Length <= end || !IsBlank(rest[end])) return;
            rest = rest[end..];
        }
    }

    private static bool IsBlank(byte octet) => octet is (byte)' ' or (byte)'\t';

    private static bool TryReadCallId(ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> key)
    {
        key = default;
        int length = WordLength(rest);
        if (length == 0) return false;
        if (length < rest.Length && rest[length] == '@')
        {
            int host = WordLength(rest[(length + 1)..]);
            if (host == 0) return false;
            length += 1 + host;
        }

        if (length > EngineKeys.Longest || length == rest.Length || rest[length] is not ((byte)'\r' or (byte)'\n')) return false;
        key = rest[..length];
        return true;
    }

    private static int WordLength(ReadOnlySpan<byte> rest)
    {
        int length = rest.IndexOfAnyExcept(s_word);
        return length < 0 ? rest.Length : length;
    }
}
