using NetVS.Keepalived.Diagnostics;

namespace NetVS.Keepalived.Language;

/// <summary>The lines of a configuration after includes, sequences, conditions, definitions and replacements (reference §2.12).</summary>
/// <remarks>
/// Files are a stack of open ones; lines that stand for several are a stack of iterators, so that nothing is made before it is read
/// and an endless sequence costs no memory. Everything is bounded by <see cref="LanguageLimits"/>.
/// </remarks>
internal sealed class LineReader
{
    private readonly IncludeReader _includes;
    private readonly DiagnosticBag _diagnostics;
    private readonly ReaderOptions _options;
    private readonly Stack<IEnumerator<SourceText>> _expansions = [];
    private bool _isSpentReported;

    /// <summary>Begins with the root file, which is opened by <see cref="IncludeReader.OpenRoot"/>.</summary>
    public LineReader(IncludeReader includes, DiagnosticBag diagnostics, ReaderOptions options)
    {
        _includes = includes;
        _diagnostics = diagnostics;
        _options = options;
        Definitions = new Definitions(options, Budget);
    }

    /// <summary>What sequences and definitions have made so far.</summary>
    public ExpansionBudget Budget { get; } = new();

    /// <summary>The definitions so far.</summary>
    public Definitions Definitions { get; }

    /// <summary>The next line; null at the end.</summary>
    public SourceText? Next()
    {
        while (true)
        {
            SourceText? line = NextExpanded();
            bool isNew = line is null;
            line ??= _includes.Next();
            if (line is null) return null;
            if (isNew && _includes.TryInclude(line)) continue;
            if (Sequences.IsSequence(line))
            {
                ExpandSequence(line);
                continue;
            }

            if (line.Text[0] == '@' && !TryCondition(ref line)) continue;
            if (Definitions.IsDefinition(line, out string name, out int textStart))
            {
                Define(line, name, textStart, isNew);
                continue;
            }

            if (Definitions.FindAlone(line) is { } definition)
            {
                SourceText use = line;
                Push(use, definition.Lines.Select(l => l.UsedAt(use)));
                continue;
            }

            line = Replace(line);
            if (Budget.IsSpent) ReportSpent(line);
            if (line.Text.Length > 0) return line;
        }
    }

    private SourceText Replace(SourceText line)
    {
        line = Definitions.Replace(line, _includes.Directory, out (int Index, string Message, string Advice)? problem);
        if (problem is { } found) _diagnostics.Warn(line.At(found.Index), found.Message, found.Advice, ProblemClass.None);
        return line.Trimmed(0, line.Text.Length);
    }

    private SourceText? NextExpanded()
    {
        while (_expansions.TryPeek(out IEnumerator<SourceText>? lines))
        {
            if (lines.MoveNext())
            {
                SourceText line = lines.Current;
                Budget.ChargeLine();
                Budget.Charge(line);
                if (Budget.IsSpent)
                {
                    ReportSpent(line);
                    _expansions.Clear();
                    return null;
                }

                if (line.Text.Length > LanguageLimits.ExpandedLine)
                {
                    _diagnostics.Error(line.Start, $"a sequence makes a line of more than {LanguageLimits.ExpandedLine} characters: it is left out", "use the name less often in the line");
                    continue;
                }

                line = line.Trimmed(0, line.Text.Length);
                if (line.Text.Length > 0) return line;
            }
            else
            {
                _expansions.Pop();
            }
        }

        return null;
    }

    private void ReportSpent(SourceText line)
    {
        if (_isSpentReported) return;
        _isSpentReported = true;
        _diagnostics.Error(line.Start,
            $"sequences and definitions make more than {LanguageLimits.ExpandedLines} lines, or {LanguageLimits.ExpandedCharacters >> 20} Mi characters: the rest of them is left out",
            "make the sequences shorter, and use definitions less often in a line");
    }

    private void Push(SourceText use, IEnumerable<SourceText> lines)
    {
        if (Budget.IsSpent) return;
        if (_expansions.Count < LanguageLimits.ExpansionDepth) _expansions.Push(lines.GetEnumerator());
        else _diagnostics.Error(use.Start, $"'{use.Text}' has no end: a definition mentions itself", "take the name out of its own text");
    }

    private void ExpandSequence(SourceText line)
    {
        if (Sequences.Expand(line, out string[] complaints) is { } lines)
            Push(line, lines);
        else
            _diagnostics.Error(line.Start, complaints[0], "write ~SEQ(NAME, [START, [STEP,]] END) text, or ~LST(NAME, value, …) text", also: complaints[1..]);
    }

    // @ID keeps the rest for this configuration id, @^ID for every other one.
    private bool TryCondition(ref SourceText line)
    {
        string text = line.Text;
        int end = 1;
        while (end < text.Length && !SourceText.IsBlank(text[end])) end++;
        bool isNegated = text.Length > 1 && text[1] == '^';
        string id = text[(isNegated ? 2 : 1)..end];
        if ((id == _options.ConfigurationId) == isNegated) return false;
        line = line.Trimmed(end, text.Length - end);
        return line.Text.Length > 0;
    }

    private void Define(SourceText line, string name, int textStart, bool isNew)
    {
        var lines = new List<SourceText>();
        SourceText text = line.Trimmed(textStart, line.Text.Length - textStart);
        bool isMultiLine = false;
        int length = 0;
        while (text.Text.EndsWith('\\'))
        {
            isMultiLine = true;
            text = text.Trimmed(0, text.Text.Length - 1);
            length += text.Text.Length;
            if (text.Text.Length > 0 && length < LanguageLimits.FileOctets) lines.Add(text);
            SourceText? next = isNew ? _includes.NextOfFile() : NextExpanded();
            if (next is null)
            {
                text = SourceText.Of("", line.Start.File, line.Start.Line);
                break;
            }

            text = next;
        }

        if (text.Text.Length > 0 || !isMultiLine) lines.Add(text);
        Definitions.Set(new Definition(name, lines, isMultiLine));
    }
}
