using System.Globalization;

namespace NetVS.Golden.Running;

/// <summary>A fixture read into statements; see README.md beside the fixtures for the syntax.</summary>
internal sealed class FixtureFile
{
    private static readonly string[] s_keywords =
        ["network", "rules", "set", "random", "in", "out", "drop", "stack", "await", "counters", "servers", "table", "events", "wait", "ipvsadm", "each", "differs"];

    private FixtureFile(string path, string[] lines, IReadOnlyList<FixtureStatement> statements)
    {
        Path = path;
        Lines = lines;
        Statements = statements;
    }

    public string Path { get; }

    public string[] Lines { get; }

    public IReadOnlyList<FixtureStatement> Statements { get; }

    public static FixtureFile Read(string path) => Parse(path, File.ReadAllLines(path));

    public static FixtureFile Parse(string path, string[] lines)
    {
        List<FixtureStatement> statements = [];
        for (int i = 0; i < lines.Length; i++)
        {
            string line = StripComment(lines[i]);
            if (line.Length == 0) continue;
            TimeSpan? time = TakeTime(ref line);
            string keyword = line.Split((char[])[' ', '\t'], 2)[0];
            if (s_keywords.Contains(keyword))
            {
                statements.Add(new FixtureStatement(keyword, [line[keyword.Length..].Trim()], i, i, time));
                continue;
            }

            if (statements.Count == 0 || time is not null || !char.IsWhiteSpace(lines[i][0]))
                throw new FormatException($"{path}:{i + 1}: '{keyword}' is no statement: {string.Join(", ", s_keywords)}");
            FixtureStatement last = statements[^1];
            statements[^1] = last with { Lines = [.. last.Lines, line], LastLine = i };
        }

        return new FixtureFile(path, lines, statements);
    }

    private static string StripComment(string line)
    {
        int comment = line.IndexOf('#');
        return (comment < 0 ? line : line[..comment]).Trim();
    }

    private static TimeSpan? TakeTime(ref string line)
    {
        string[] words = line.Split((char[])[' ', '\t'], 3, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 3 || words[1] is not ("ms" or "s")) return null;
        if (!double.TryParse(words[0], CultureInfo.InvariantCulture, out double number)) return null;
        line = words[2].Trim();
        return words[1] == "s" ? TimeSpan.FromSeconds(number) : TimeSpan.FromMilliseconds(number);
    }
}
