using System.Text.RegularExpressions;

namespace NetVS.Help;

/// <summary>What the text that <c>--help</c> prints says of a command: its words, its options, the values they may have.</summary>
/// <remarks>
/// The text is the only place where a command's options are listed, so that completion and manual page say the same. It begins with the forms, up to an
/// empty line; then come lines of options, indented: their spellings, two spaces or more, and what they do.
/// </remarks>
internal sealed partial class UsageText
{
    private readonly List<string> _words = [];
    private readonly List<string> _options = [];
    private readonly SortedDictionary<string, string[]> _choices = new(StringComparer.Ordinal);

    /// <summary>Reads a text.</summary>
    public UsageText(string command, string text)
    {
        string[] lines = text.Split('\n');
        int forms = Array.FindIndex(lines, l => l.Trim().Length == 0);
        for (int i = 0; i < lines.Length; i++)
        {
            if (i < forms) ReadForm(command, lines[i]);
            else if (lines[i].StartsWith(' ') && lines[i].TrimStart().StartsWith('-')) ReadOptions(lines[i]);
        }
    }

    /// <summary>Words that may follow the command: <c>add</c>, <c>list</c>.</summary>
    public IReadOnlyList<string> Words => _words;

    /// <summary>All spellings of all options.</summary>
    public IReadOnlyList<string> Options => _options;

    /// <summary>The values of the options that have a few.</summary>
    public IReadOnlyDictionary<string, string[]> Choices => _choices;

    [GeneratedRegex(@"^[a-z][a-z0-9_]*(\|[a-z][a-z0-9_]*)*$")]
    private static partial Regex LiteralWords();

    [GeneratedRegex(@"^-{1,2}[A-Za-z0-9][A-Za-z0-9-]*$")]
    private static partial Regex OptionSpelling();

    private static string Bare(string token) => token.Trim('[', ']', '(', ')', ',', '…', '.');

    private void ReadForm(string command, string line)
    {
        string[] tokens = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Bare)];
        int at = Array.IndexOf(tokens, command);
        for (int i = at + 1; at >= 0 && i < tokens.Length; i++)
        {
            string option = tokens[i - 1];
            if (OptionSpelling().IsMatch(tokens[i])) Note(_options, tokens[i]);
            else if (!LiteralWords().IsMatch(tokens[i]) || tokens[i] == "options") continue;
            else if (OptionSpelling().IsMatch(option)) _choices.TryAdd(option, tokens[i].Split('|'));
            else foreach (string word in tokens[i].Split('|')) Note(_words, word);
        }
    }

    private void ReadOptions(string line)
    {
        var spellings = new List<string>();
        string[]? values = null;
        foreach (string part in Columns().Split(line.Trim()).Where(p => p.StartsWith('-')))
        {
            foreach (string token in part.Split(' ').Select(Bare))
            {
                if (OptionSpelling().IsMatch(token)) spellings.Add(token);
                else if (LiteralWords().IsMatch(token) && token.Contains('|', StringComparison.Ordinal)) values = token.Split('|');
            }
        }

        foreach (string spelling in spellings)
        {
            Note(_options, spelling);
            if (values is not null) _choices.TryAdd(spelling, values);
        }
    }

    [GeneratedRegex(" {2,}")]
    private static partial Regex Columns();

    private static void Note(List<string> list, string item)
    {
        if (!list.Contains(item)) list.Add(item);
    }
}
