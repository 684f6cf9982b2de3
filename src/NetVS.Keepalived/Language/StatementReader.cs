using NetVS.Keepalived.Diagnostics;

namespace NetVS.Keepalived.Language;

/// <summary>The statements of a configuration: every brace outside double quotes is one, wherever it stands (reference §2.4).</summary>
internal sealed class StatementReader(LineReader lines, IncludeReader includes, DiagnosticBag diagnostics)
{
    private const int MostOpen = 4096;

    private readonly Queue<Statement> _statements = [];
    private readonly Stack<SourcePosition> _open = [];
    private int _openBeyond;
    private bool _isAtEnd;
    private Statement? _returned;

    /// <summary>The next statement; null at the end.</summary>
    public Statement? Next()
    {
        if (_returned is { } returned)
        {
            _returned = null;
            return returned;
        }

        while (_statements.Count == 0)
        {
            if (_isAtEnd) return null;
            if (lines.Next() is { } line) Cut(line);
            else End();
        }

        Statement next = _statements.Dequeue();
        Count(next);
        return next;
    }

    /// <summary>Gives a statement back: it is the next one again.</summary>
    public void Return(Statement statement) => _returned = statement;

    private void End()
    {
        _isAtEnd = true;
        if (_open.Count == 0) return;
        diagnostics.Error(includes.Position, $"There are {_open.Count + _openBeyond} missing '}}'s or extra '{{'s",
            $"the block that begins at {_open.Peek()} is not closed", ProblemClass.MissingEnd);
    }

    private void Count(Statement statement)
    {
        if (statement.Kind == StatementKind.Open)
        {
            // Beyond any sense they are only counted: a file of nothing but braces must not cost memory.
            if (_open.Count < MostOpen) _open.Push(statement.Position);
            else _openBeyond++;
        }
        else if (statement.Kind == StatementKind.Close && _openBeyond > 0)
        {
            _openBeyond--;
        }
        else if (statement.Kind == StatementKind.Close && !_open.TryPop(out _))
        {
            diagnostics.Error(statement.Position, "Extra '}' found", "take it out, or look for a brace lost in a comment before it", ProblemClass.UnexpectedEnd);
        }
    }

    private void Cut(SourceText line)
    {
        string text = line.Text;
        bool isQuoted = false;
        int from = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '"') isQuoted = !isQuoted;
            if (isQuoted || text[i] is not ('{' or '}')) continue;
            Add(line, from, i - from);
            _statements.Enqueue(new Statement(text[i] == '{' ? StatementKind.Open : StatementKind.Close, line.Trimmed(i, 1)));
            from = i + 1;
        }

        Add(line, from, text.Length - from);
        if (isQuoted)
        {
            diagnostics.Error(line.At(text.LastIndexOf('"')), $"Unterminated quote '{text}'", "close the double quote on the same line",
                ProblemClass.UnmatchedQuote, $"Unmatched quote: '{text}'");
        }
    }

    private void Add(SourceText line, int start, int length)
    {
        SourceText part = line.Trimmed(start, length);
        if (part.Text.Length > 0) _statements.Enqueue(new Statement(StatementKind.Words, part));
    }
}
