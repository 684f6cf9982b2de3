using System.Text;

namespace NetVS.Keepalived.Language;

/// <summary>A line after some of the language's steps, that still knows where each of its characters was written.</summary>
/// <remarks>
/// A character that came out of a definition or a sequence has two places: where the name is used, which is where a user looks for
/// the mistake, and where its text is defined. The first is the position, the second a hint beside it.
/// </remarks>
internal sealed class SourceText
{
    private readonly string _file;
    private readonly int _line;
    private readonly int _column;

    // Null for a part of a line as it stands in its file, which nearly all are: it begins at the column.
    private readonly List<Piece>? _pieces;

    private SourceText(string text, string file, int line, int column, List<Piece>? pieces)
    {
        Text = text;
        _file = file;
        _line = line;
        _column = column;
        _pieces = pieces;
    }

    /// <summary>The characters.</summary>
    public string Text { get; }

    /// <summary>Where it begins.</summary>
    public SourcePosition Start => At(0);

    /// <summary>A line as it stands in a file.</summary>
    /// <param name="text">The characters.</param>
    /// <param name="file">The file's name.</param>
    /// <param name="line">The line's number.</param>
    /// <param name="column">The column of the first character.</param>
    public static SourceText Of(string text, string file, int line, int column = 1) =>
        new(text, file, line, column, null);

    /// <summary>Where the character at an index was written, or used.</summary>
    public SourcePosition At(int index)
    {
        if (_pieces is null) return new SourcePosition(_file, _line, _column + index);
        Piece piece = PieceAt(index);
        return new SourcePosition(_file, _line, piece.IsLinear ? piece.Column + index - piece.Start : piece.Column);
    }

    /// <summary>Where the text of the character at an index is defined; null for what stands in the line itself.</summary>
    public SourcePosition? DefinitionAt(int index) => _pieces is null ? null : PieceAt(index).Definition;

    /// <summary>A part of it without the blanks around.</summary>
    public SourceText Trimmed(int start, int length)
    {
        int end = start + length;
        while (start < end && IsBlank(Text[start])) start++;
        while (end > start && IsBlank(Text[end - 1])) end--;
        if (start == 0 && end == Text.Length) return this;
        if (_pieces is null) return Of(Text[start..end], _file, _line, _column + start);
        var builder = new Builder(this);
        builder.Keep(start, end - start);
        return builder.ToSourceText();
    }

    /// <summary>The text of a definition's line as it appears where its name is used.</summary>
    public SourceText UsedAt(SourceText use)
    {
        var builder = new Builder(use);
        builder.Insert(Text, use.Start.Column, Start);
        return builder.ToSourceText();
    }

    /// <summary>Blanks of the language: also the carriage return of a DOS file.</summary>
    public static bool IsBlank(char c) => c is ' ' or '\t' or '\r' or '\v' or '\f' or '\n';

    /// <summary>What it costs to write it; see <see cref="LanguageLimits.ExpandedCharacters"/>.</summary>
    public int Cost => Text.Length + (PieceCount * LanguageLimits.ExpandedPiece);

    private int PieceCount => _pieces?.Count ?? 1;

    private Piece PieceAt(int index) => PieceNumber(PieceIndexAt(index));

    private Piece PieceNumber(int p) => _pieces is null ? new Piece(0, _column, IsLinear: true, null) : _pieces[p];

    // The last piece that begins at or before a character; a line may have thousands.
    private int PieceIndexAt(int index)
    {
        int low = 0, high = PieceCount - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (PieceNumber(middle).Start <= index) low = middle;
            else high = middle - 1;
        }

        return low;
    }

    private readonly record struct Piece(int Start, int Column, bool IsLinear, SourcePosition? Definition);

    /// <summary>Puts a new line together from parts of an old one and inserted text.</summary>
    internal sealed class Builder(SourceText source)
    {
        private readonly StringBuilder _text = new();
        private readonly List<Piece> _pieces = [];

        /// <summary>Characters so far.</summary>
        public int Length => _text.Length;

        /// <summary>Keeps a part of the old line.</summary>
        public void Keep(int start, int length)
        {
            int p = length > 0 ? source.PieceIndexAt(start) : 0;
            for (int i = start; i < start + length; p++)
            {
                Piece piece = source.PieceNumber(p);
                int end = Math.Min(start + length, p + 1 < source.PieceCount ? source.PieceNumber(p + 1).Start : source.Text.Length);
                if (end == i) continue;
                _pieces.Add(piece with { Start = _text.Length, Column = piece.IsLinear ? piece.Column + i - piece.Start : piece.Column });
                _text.Append(source.Text, i, end - i);
                i = end;
            }
        }

        /// <summary>Inserts text that stands for what is written at a column.</summary>
        public void Insert(string text, int column, SourcePosition? definition)
        {
            if (text.Length == 0) return;
            _pieces.Add(new Piece(_text.Length, column, IsLinear: false, definition));
            _text.Append(text);
        }

        /// <summary>The new line.</summary>
        public SourceText ToSourceText()
        {
            if (_pieces.Count == 0) _pieces.Add(new Piece(0, source.Start.Column, IsLinear: true, null));
            return new SourceText(_text.ToString(), source._file, source._line, _pieces[0].Column, _pieces);
        }
    }
}
