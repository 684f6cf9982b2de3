using NetVS.Packets;

namespace NetVS.Director.Helpers;

/// <summary>A line of FTP and a place in it. Nothing here reads behind the line's end; what is not there does not match.</summary>
/// <param name="line">Any octets.</param>
internal ref struct FtpText(ReadOnlySpan<byte> line)
{
    private readonly ReadOnlySpan<byte> _line = line;

    /// <summary>The place: octets that were read.</summary>
    public int Position { get; private set; }

    /// <summary>Whether everything has been read.</summary>
    public readonly bool IsEmpty => Position >= _line.Length;

    /// <summary>Whether the line ends here: RFC 959's carriage return, or a line feed alone.</summary>
    public readonly bool IsAtEnd => !IsEmpty && _line[Position] is (byte)'\r' or (byte)'\n';

    /// <summary>Goes to a place that was read before.</summary>
    public void MoveTo(int position) => Position = position;

    /// <summary>Reads these very octets.</summary>
    public bool Takes(scoped ReadOnlySpan<byte> octets)
    {
        if (!_line[Position..].StartsWith(octets)) return false;
        Position += octets.Length;
        return true;
    }

    /// <summary>Reads this octet.</summary>
    public bool Takes(byte octet)
    {
        if (IsEmpty || _line[Position] != octet) return false;
        Position++;
        return true;
    }

    /// <summary>Reads a command in either case, behind which it must not go on with a letter.</summary>
    /// <param name="word">In capitals.</param>
    public bool TakesWord(scoped ReadOnlySpan<byte> word)
    {
        ReadOnlySpan<byte> rest = _line[Position..];
        if (rest.Length <= word.Length) return false;
        for (int i = 0; i < word.Length; i++)
            if ((rest[i] & ~0x20) != word[i]) return false;
        if (char.IsAsciiLetter((char)rest[word.Length])) return false;
        Position += word.Length;
        return true;
    }

    /// <summary>Reads one space or more.</summary>
    public bool TakesSpace()
    {
        int start = Position;
        while (Takes((byte)' ')) { }
        return Position > start;
    }

    /// <summary>Goes behind the next octet of this value; to the end if there is none.</summary>
    public bool SkipBehind(byte octet)
    {
        int at = _line[Position..].IndexOf(octet);
        Position = at < 0 ? _line.Length : Position + at + 1;
        return at >= 0;
    }

    /// <summary>Goes behind the next opening parenthesis, or where there is none to the next digit (RFC 1123 §4.1.2.6: the text around varies).</summary>
    public bool SkipToDigits()
    {
        int start = Position;
        if (SkipBehind((byte)'(')) return true;
        int at = _line[start..].IndexOfAnyInRange((byte)'0', (byte)'9');
        Position = at < 0 ? _line.Length : start + at;
        return at >= 0;
    }

    /// <summary>Reads the delimiter of RFC 2428: any visible character.</summary>
    public bool TryReadDelimiter(out byte delimiter)
    {
        delimiter = IsEmpty ? (byte)0 : _line[Position];
        if (delimiter is < 33 or > 126 || char.IsAsciiDigit((char)delimiter)) return false;
        Position++;
        return true;
    }

    /// <summary>Reads a decimal number of five digits at most.</summary>
    public bool TryReadNumber(int most, out int number)
    {
        number = 0;
        int start = Position;
        while (!IsEmpty && Position - start < 5 && char.IsAsciiDigit((char)_line[Position])) number = (number * 10) + (_line[Position++] - '0');
        return Position > start && number <= most;
    }

    /// <summary>Reads what comes before a delimiter, and the delimiter.</summary>
    /// <param name="delimiter">The delimiter.</param>
    /// <param name="into">Room; what is longer is not read.</param>
    /// <param name="length">Characters read.</param>
    public bool TryReadUntil(byte delimiter, scoped Span<char> into, out int length)
    {
        length = _line[Position..].IndexOf(delimiter);
        if (length < 0 || length > into.Length) return false;
        for (int i = 0; i < length; i++) into[i] = (char)_line[Position + i];
        Position += length + 1;
        return true;
    }

    /// <summary>Reads RFC 959's host and port: six numbers with commas between.</summary>
    public bool TryReadHostPort(out Ipv4Address address, out ushort port)
    {
        uint host = 0;
        int end = 0;
        for (int i = 0; i < 6; i++)
        {
            if ((i > 0 && !Takes((byte)',')) || !TryReadNumber(byte.MaxValue, out int number))
            {
                (address, port) = (default, 0);
                return false;
            }

            if (i < 4) host = (host << 8) | (uint)number;
            else end = (end << 8) | number;
        }

        (address, port) = (new Ipv4Address(host), (ushort)end);
        return true;
    }
}
