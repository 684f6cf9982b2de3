namespace NetVS.Keepalived.Language;

/// <summary>A statement: the words of a line, or a brace.</summary>
/// <remarks>Reference §2.2 to §2.4: words are separated by blanks; a run in double quotes is one word and ends the one before it.</remarks>
internal sealed class Statement
{
    private readonly SourceText _source;
    private List<Word>? _words;

    /// <summary>Wraps a part of a line.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="source">Its text, without blanks around.</param>
    public Statement(StatementKind kind, SourceText source)
    {
        Kind = kind;
        _source = source;
    }

    /// <summary>What it is.</summary>
    public StatementKind Kind { get; }

    /// <summary>Its text, with quotes; the brace for a brace.</summary>
    public string Text => _source.Text;

    /// <summary>The source, for values that are split by other rules.</summary>
    public SourceText Source => _source;

    /// <summary>Where it begins.</summary>
    public SourcePosition Position => _source.Start;

    /// <summary>Its words; a brace is a word of its own. What follows an unmatched quote is lost.</summary>
    public IReadOnlyList<Word> Words => _words ??= Split();

    /// <summary>The keyword.</summary>
    public string Keyword => Words.Count > 0 ? Words[0].Text : "";

    /// <summary>Whether a double quote has no partner.</summary>
    public bool HasUnmatchedQuote => Kind == StatementKind.Words && _source.Text.AsSpan().Count('"') % 2 != 0;

    /// <summary>The word at an index, or null.</summary>
    public Word? this[int index] => index < Words.Count ? Words[index] : null;

    private List<Word> Split()
    {
        var words = new List<Word>();
        string text = _source.Text;
        for (int i = 0; i < text.Length;)
        {
            if (SourceText.IsBlank(text[i]))
            {
                i++;
                continue;
            }

            int start = i;
            if (text[i] == '"')
            {
                int end = text.IndexOf('"', i + 1);
                if (end < 0) break;
                words.Add(new Word(text[(i + 1)..end], _source.At(start), IsQuoted: true, _source.DefinitionAt(start)));
                i = end + 1;
                continue;
            }

            while (i < text.Length && text[i] != '"' && !SourceText.IsBlank(text[i])) i++;
            words.Add(new Word(text[start..i], _source.At(start), IsQuoted: false, _source.DefinitionAt(start)));
        }

        return words;
    }
}
