using System.Text;

namespace NetVS.Keepalived.Language;

/// <summary>The lines of one file, without comments and the blanks around (reference §2.2).</summary>
/// <remarks>
/// <c>#</c> and <c>!</c> begin a comment anywhere, but in double quotes and after a backslash, which then goes. A line longer than
/// <see cref="LanguageLimits.LineOctets"/> is cut, and its rest read as the next line.
/// </remarks>
internal sealed class PhysicalLines(string file, ReadOnlyMemory<byte> content)
{
    private int _offset;
    private int _line;
    private int _column = 1;
    private bool _isCut;

    /// <summary>The number of the line read last.</summary>
    public int Line => _line;

    /// <summary>Where a line was cut for its length just now; null if it was not.</summary>
    public SourcePosition? Cut { get; private set; }

    /// <summary>The next line that holds anything; null at the end.</summary>
    public SourceText? Next()
    {
        Cut = null;
        while (_offset < content.Length)
        {
            ReadOnlySpan<byte> rest = content.Span[_offset..];
            int end = rest.IndexOf((byte)'\n');
            int length = end < 0 ? rest.Length : end;
            if (!_isCut)
            {
                _line++;
                _column = 1;
            }

            _isCut = length > LanguageLimits.LineOctets;
            if (_isCut) length = Boundary(rest, LanguageLimits.LineOctets);
            string text = Encoding.UTF8.GetString(rest[..length]);
            _offset += _isCut || end < 0 ? length : length + 1;
            int column = _column;
            _column += text.Length;
            if (_isCut) Cut = new SourcePosition(file, _line, _column);
            SourceText line = Strip(SourceText.Of(text, file, _line, column));
            if (line.Text.Length > 0) return line;
        }

        return null;
    }

    // Not within a character of several octets.
    private static int Boundary(ReadOnlySpan<byte> octets, int length)
    {
        int end = length;
        while (end > length - 4 && (octets[end] & 0xC0) == 0x80) end--;
        return (octets[end] & 0xC0) == 0x80 ? length : end;
    }

    private static SourceText Strip(SourceText line)
    {
        string text = line.Text;
        bool isQuoted = false;
        SourceText.Builder? builder = null;
        int from = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '"') isQuoted = !isQuoted;
            else if (c == '\\' && !isQuoted && i + 1 < text.Length && text[i + 1] is '#' or '!')
            {
                builder ??= new SourceText.Builder(line);
                builder.Keep(from, i - from);
                from = ++i;
            }
            else if (c is '#' or '!' && !isQuoted)
            {
                if (builder is null) return line.Trimmed(0, i);
                builder.Keep(from, i - from);
                line = builder.ToSourceText();
                return line.Trimmed(0, line.Text.Length);
            }
        }

        if (builder is null) return line.Trimmed(0, text.Length);
        builder.Keep(from, text.Length - from);
        line = builder.ToSourceText();
        return line.Trimmed(0, line.Text.Length);
    }
}
