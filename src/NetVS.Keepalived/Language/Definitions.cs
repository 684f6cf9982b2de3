using System.Globalization;

namespace NetVS.Keepalived.Language;

/// <summary>The definitions so far, and their use (reference §2.7).</summary>
internal sealed class Definitions(ReaderOptions options, ExpansionBudget budget)
{
    private readonly Dictionary<string, Definition> _byName = new(StringComparer.Ordinal);
    private uint _random = 1;

    /// <summary>Sets the seed of <c>${_RANDOM}</c>.</summary>
    public void Seed(uint seed) => _random = seed;

    /// <summary>Adds a definition; a later one replaces.</summary>
    public void Set(Definition definition) => _byName[definition.Name] = definition;

    /// <summary>Whether a line defines something.</summary>
    /// <param name="line">The line.</param>
    /// <param name="name">The name.</param>
    /// <param name="textStart">Where the text begins.</param>
    public static bool IsDefinition(SourceText line, out string name, out int textStart)
    {
        name = "";
        textStart = 0;
        string text = line.Text;
        if (text[0] != '$') return false;
        int end = NameEnd(text, 1);
        if (end == 1 || end >= text.Length || text[end] != '=') return false;
        name = text[1..end];
        textStart = end + 1;
        return true;
    }

    /// <summary>The multi-line definition a line stands for, if it is nothing but its name.</summary>
    public Definition? FindAlone(SourceText line)
    {
        string text = line.Text;
        if (text[0] != '$') return null;
        string name = text.StartsWith("${", StringComparison.Ordinal) && text.EndsWith('}') ? text[2..^1] : text[1..];
        return _byName.TryGetValue(name, out Definition? definition) && definition.IsMultiLine ? definition : null;
    }

    /// <summary>Replaces the names in a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="directory">The directory of the current file.</param>
    /// <param name="problem">What is wrong and where, or null; the line is then used as far as it came.</param>
    public SourceText Replace(SourceText line, string directory, out (int Index, string Message, string Advice)? problem)
    {
        problem = null;
        int replacements = 0;
        var within = new Stack<(string Name, int Tail)>();
        // After a replacement its text is looked at again: a definition may mention others, also later ones.
        for (int i = line.Text.IndexOf('$', StringComparison.Ordinal); i >= 0; i = i < line.Text.Length ? line.Text.IndexOf('$', i) : -1)
        {
            if (budget.IsSpent) return line;
            if (!TryFindUse(line.Text, i, out string name, out int length))
            {
                i++;
                continue;
            }

            // Texts that the use does not lie in are over: what is left behind it in the line gets shorter only.
            int tail = line.Text.Length - i - length;
            while (within.TryPeek(out (string Name, int Tail) last) && last.Tail > tail) within.Pop();

            SourceText? text = Find(name, directory);
            if (text is null)
            {
                if (line.Text[i + 1] == '{' && !_byName.ContainsKey(name) && problem is null)
                    problem = (i, $"${{{name}}} is not defined: its braces are read as a block's", $"define it before with '${name}=…', or put the text in double quotes");
                i += length;
                continue;
            }

            bool isEndless = within.Any(w => w.Name == name);
            if (isEndless || ++replacements > LanguageLimits.Replacements || line.Text.Length + text.Text.Length > LanguageLimits.ExpandedLine)
            {
                problem = (i, $"the definition ${name} has no end: it {(isEndless ? "mentions itself" : "makes the line too long")}", "take the name out of its own text");
                return line;
            }

            within.Push((name, tail));
            var builder = new SourceText.Builder(line);
            builder.Keep(0, i);
            builder.Insert(text.Text, line.At(i).Column, text.Start);
            builder.Keep(i + length, line.Text.Length - i - length);
            line = builder.ToSourceText();
            budget.Charge(line);
        }

        return line;
    }

    /// <summary>Whether a name is used at a <c>$</c>: in braces anywhere, else only before a blank, a comma, a bracket or the end.</summary>
    public static bool TryFindUse(string text, int dollar, out string name, out int length)
    {
        name = "";
        length = 1;
        if (dollar + 1 >= text.Length) return false;
        if (text[dollar + 1] == '{')
        {
            int close = text.IndexOf('}', dollar, Math.Min(text.Length - dollar, LanguageLimits.Name));
            if (close < 0) return false;
            name = text[(dollar + 2)..close];
            length = close + 1 - dollar;
            int end = NameEnd(name, 0);
            return end > 0 && (end == name.Length || (name[0] == '_' && name[end] == ' '));
        }

        int after = NameEnd(text, dollar + 1);
        if (after == dollar + 1 || (after < text.Length && !SourceText.IsBlank(text[after]) && text[after] is not (',' or ')' or '"'))) return false;
        name = text[(dollar + 1)..after];
        length = after - dollar;
        return true;
    }

    private static int NameEnd(string text, int start)
    {
        int end = start;
        while (end < text.Length && (char.IsAsciiLetter(text[end]) || text[end] == '_' || (end > start && char.IsAsciiDigit(text[end])))) end++;
        return end;
    }

    private SourceText? Find(string name, string directory)
    {
        if (_byName.TryGetValue(name, out Definition? definition)) return definition.IsMultiLine ? null : definition.Lines[0];
        string[] words = name.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string? text = words[0] switch
        {
            "_PWD" => directory.Length == 0 ? options.WorkingDirectory : Path.Combine(options.WorkingDirectory, directory),
            "_INSTANCE" => options.ConfigurationId,
            "_HASH" => "#",
            "_BANG" => "!",
            "_RANDOM" => NextRandom(words),
            "_ENV" when words.Length > 1 => options.FindVariable(words[1]) ?? "",
            _ => null,
        };
        return text is null ? null : SourceText.Of(text, "predefined", 0, 0);
    }

    private string? NextRandom(string[] words)
    {
        long least = 0, most = 32767;
        if (words.Length > 1 && !long.TryParse(words[1], CultureInfo.InvariantCulture, out least)) return null;
        if (words.Length > 2 && !long.TryParse(words[2], CultureInfo.InvariantCulture, out most)) return null;
        if (least is < 0 or > int.MaxValue || most is < 0 or > int.MaxValue || most < least) return null;
        _random = unchecked((_random * 1103515245) + 12345);
        return (least + (long)(((_random >> 16) * (ulong)(most - least + 1)) >> 16)).ToString(CultureInfo.InvariantCulture);
    }
}
