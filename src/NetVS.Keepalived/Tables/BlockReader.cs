using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Hosts;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Values;

namespace NetVS.Keepalived.Tables;

/// <summary>Reads blocks by their tables, as keepalived does (reference §2.4, §2.5), and reports what does not fit.</summary>
/// <remarks>
/// A block within a block is a call within a call; as only keywords of a table open one, the depth is that of the tables, whatever
/// the input. An unknown keyword does not open a block: its braces are handled as keepalived handles them.
/// </remarks>
internal sealed class BlockReader(StatementReader statements, LineReader lines, IncludeReader includes, DiagnosticBag diagnostics, IHostFacts host)
{
    private SourcePosition? _unknownBlock;
    private int _depth;

    /// <summary>Where problems go.</summary>
    public DiagnosticBag Diagnostics => diagnostics;

    /// <summary>The host.</summary>
    public IHostFacts Host => host;

    /// <summary>The definitions; <c>random_seed</c> sets their seed.</summary>
    public Definitions Definitions => lines.Definitions;

    /// <summary>The includes; <c>include_check</c> changes what they insist on.</summary>
    public IncludeReader Includes => includes;

    /// <summary>Reads scripts.</summary>
    public ScriptReader Scripts { get; } = new(diagnostics, host);

    /// <summary>Names of blocks that were read so far, by kind, and where.</summary>
    public Dictionary<(string Kind, string Name), SourcePosition> Names { get; } = [];

    /// <summary>Interfaces that do not exist and are named somewhere where that stops VRRP.</summary>
    public bool HasMissingInterface { get; set; }

    /// <summary>Reads a block into a record.</summary>
    /// <param name="table">Its keywords.</param>
    /// <param name="record">The record before the first of them.</param>
    /// <param name="isRoot">Whether it is the file itself, that has no braces.</param>
    public T ReadBlock<T>(KeywordTable<T> table, T record, bool isRoot = false)
        where T : IConfigurationBlock
    {
        bool needsBegin = !isRoot;
        _depth++;
        while (statements.Next() is { } statement)
        {
            if (needsBegin)
            {
                needsBegin = false;
                if (statement.Kind == StatementKind.Open) continue;
                diagnostics.Error(statement.Position, "Missing '{' at beginning of configuration block", $"'{table.Name}' is followed by its block in braces", ProblemClass.MissingBegin);
            }
            else if (statement.Kind == StatementKind.Open)
            {
                diagnostics.Error(statement.Position, "Unexpected '{' - ignoring", Consequence() ?? "one statement stands on a line, and no block can begin here", ProblemClass.UnexpectedBegin);
                continue;
            }

            if (statement.Kind == StatementKind.Close && !isRoot) break;
            if (statement.Keyword.Length == 0 && statement.HasUnmatchedQuote) continue;
            if (table.Find(statement.Keyword) is { } keyword && statement.Kind == StatementKind.Words)
            {
                if (isRoot) _unknownBlock = null;
                record = keyword.Read(this, statement, record);
            }
            else
            {
                ReportUnknown(statement, table);
            }
        }

        _depth--;
        return record;
    }

    /// <summary>The entries of a block whose lines are no keywords, until its closing brace.</summary>
    public IEnumerable<Statement> ReadLines()
    {
        bool isFirst = true;
        while (statements.Next() is { } line && line.Kind != StatementKind.Close)
        {
            if (!isFirst || line.Kind != StatementKind.Open) yield return line;
            isFirst = false;
        }
    }

    /// <summary>Skips the block that follows, if one does, by counting braces.</summary>
    public void SkipBlockIfAny()
    {
        if (statements.Next() is not { } first) return;
        if (first.Kind != StatementKind.Open)
        {
            statements.Return(first);
            return;
        }

        for (int depth = 1; depth > 0 && statements.Next() is { } statement;)
        {
            if (statement.Kind == StatementKind.Open) depth++;
            else if (statement.Kind == StatementKind.Close) depth--;
        }
    }

    /// <summary>A word that must be there.</summary>
    /// <returns>False when it is missing, which was reported.</returns>
    public bool TryTake(Statement statement, int index, out Word word)
    {
        word = statement[index]!;
        if (word is not null) return true;

        // What follows a missing quote is lost, and that was reported.
        if (!statement.HasUnmatchedQuote) ReportMissing(diagnostics, statement, index);
        return false;
    }

    /// <summary>Reports that a word is missing.</summary>
    public static void ReportMissing(DiagnosticBag diagnostics, Statement statement, int index) =>
        diagnostics.Error(statement.Position,
            $"*** Configuration line starting `{statement.Keyword}` is missing a parameter after keyword `{statement[index - 1]?.Text ?? statement.Keyword}` at word position {index + 1}",
            "keepalived reads no further than this line; add the value", ProblemClass.MissingParameter);

    /// <summary>Reads seconds with decimals; a wrong value is reported, a too exact one too, but used.</summary>
    public bool TryReadTimer(Word word, IConfigurationBlock record, decimal least, decimal most, string? error, out TimeSpan time)
    {
        bool isOk = NumberText.TryParseTimer(word.Text, least, most, out time, out string? complaint);
        if (complaint is not null && isOk) Warn(word, record, complaint, ProblemClass.InvalidNumber);
        else if (!isOk) BadNumber(word, record, complaint!, error);
        return isOk;
    }

    /// <summary>Reports a wrong number.</summary>
    /// <param name="word">The number.</param>
    /// <param name="record">The block.</param>
    /// <param name="complaint">What is wrong with it as a number.</param>
    /// <param name="error">What keepalived says besides.</param>
    public void BadNumber(Word word, IConfigurationBlock record, string complaint, string? error) => diagnostics.Add(new KeepalivedDiagnostic
    {
        Position = word.Position,
        Severity = DiagnosticSeverity.Error,
        Class = error is null ? ProblemClass.InvalidNumber : ProblemClass.General,
        Message = error is null ? complaint : Fill(error, word, record),
        Also = error is null ? [] : [complaint],
        Definition = word.Definition,
    });

    /// <summary>Reports an error about a word.</summary>
    public void Error(Word word, IConfigurationBlock record, string error, string? advice = null) => diagnostics.Add(new KeepalivedDiagnostic
    {
        Position = word.Position,
        Severity = DiagnosticSeverity.Error,
        Class = ProblemClass.General,
        Message = Fill(error, word, record),
        Advice = advice,
        Definition = word.Definition,
    });

    /// <summary>Reports an error at a place.</summary>
    public void ErrorAt(SourcePosition position, string error, string? advice = null) => diagnostics.Error(position, error, advice);

    /// <summary>Reports a correction.</summary>
    public void Warn(Word word, IConfigurationBlock record, string text, ProblemClass kind = ProblemClass.General) =>
        diagnostics.Warn(word.Position, Fill(text, word, record), kind: kind);

    private static string Fill(string text, Word word, IConfigurationBlock record) =>
        text.Replace("%v", word.Text, StringComparison.Ordinal).Replace("%n", record.Name, StringComparison.Ordinal);

    private string? Consequence() => _unknownBlock is { } block ? $"a consequence of the unknown block at {block}: put that right first" : null;

    private void ReportUnknown<T>(Statement statement, KeywordTable<T> table)
        where T : IConfigurationBlock
    {
        string? advice = Consequence();
        if (diagnostics.IsFull) advice = "";
        if (statement.Kind == StatementKind.Words && statements.Next() is { } next)
        {
            statements.Return(next);
            if (next.Kind == StatementKind.Open && advice is null)
            {
                _unknownBlock = statement.Position;
                string block = _depth > 1 ? $" Its lines are read as lines of '{table.Name}', and its '}}' ends that block." : "";
                advice = Advise(statement.Keyword, table) + block;
            }
        }

        advice ??= statement.Kind == StatementKind.Close ? "a brace too many, or a block whose beginning was not understood" : Advise(statement.Keyword, table);
        diagnostics.Error(statement.Position, $"Unknown keyword '{statement.Keyword}'", advice, ProblemClass.UnknownKeyword);
    }

    private static string Advise(string keyword, IKeywordTable table)
    {
        if (KeywordAdvice.Nearest(keyword, table) is { } near) return $"did you mean '{near}'?";
        string[] homes = [.. Keywords.AllTables.ThatHave(keyword).Take(3)];
        return homes.Length > 0 ? $"it belongs in {string.Join(" or ", homes)}" : "take it out, or see the list of keywords in docs/keepalived.md";
    }
}
