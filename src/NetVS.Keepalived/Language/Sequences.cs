using System.Globalization;

namespace NetVS.Keepalived.Language;

/// <summary>Lines that stand for several: <c>~SEQ</c> and <c>~LST</c> at the beginning of a line (reference §2.8).</summary>
internal static class Sequences
{
    private readonly record struct Names(string[] Variables, int RestStart);

    /// <summary>Whether a line begins with a sequence.</summary>
    public static bool IsSequence(SourceText line) =>
        line.Text.StartsWith("~SEQ", StringComparison.Ordinal) || line.Text.StartsWith("~LST", StringComparison.Ordinal);

    /// <summary>The lines it stands for, made one by one; null when it makes no sense.</summary>
    /// <param name="line">The line.</param>
    /// <param name="complaints">What keepalived says then.</param>
    public static IEnumerable<SourceText>? Expand(SourceText line, out string[] complaints)
    {
        string text = line.Text;
        complaints = [$"Invalid ~{text.Substring(1, 3)} specification '{text}'"];
        int open = text.IndexOf('(', StringComparison.Ordinal);
        int close = text.IndexOf(')', StringComparison.Ordinal);
        if (open < 0 || close < open) return null;
        string head = text[..open].TrimEnd();
        string arguments = text[(open + 1)..close];
        if (head is "~LST") return ExpandList(line, arguments, close + 1);
        if (head is not ("~SEQ" or "~SEQx")) return null;
        string[] words = [.. arguments.Split(',').Select(w => w.Trim())];
        if (words.Length is < 2 or > 4 || !IsName(words[0])) return null;
        var numbers = new long[words.Length - 1];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!TryParse(words[i + 1], out numbers[i])) return null;
        }

        long end = numbers[^1];
        long start = numbers.Length > 1 ? numbers[0] : end < 0 ? -1 : 1;
        long step = numbers.Length > 2 ? numbers[1] : end < start ? -1 : 1;
        if (step == 0 || (step > 0 && end < start) || (step < 0 && end > start))
        {
            complaints = [$"Invalid ~SEQ values '{text}'", .. complaints];
            return null;
        }

        return Count(line, new Names([words[0]], close + 1), start, step, end, head.EndsWith('x') ? "x" : "d");
    }

    private static IEnumerable<SourceText> Count(SourceText line, Names names, long start, long step, long end, string format)
    {
        for (long value = start; step > 0 ? value <= end : value >= end; value += step)
            yield return Substitute(line, names, [value.ToString(format, CultureInfo.InvariantCulture)]);
    }

    private static IEnumerable<SourceText>? ExpandList(SourceText line, string arguments, int restStart)
    {
        List<string> items = SplitItems(arguments);
        if (items.Count < 2) return null;
        string[] variables = Members(items[0]);
        return variables.All(IsName) ? List(line, new Names(variables, restStart), items) : null;
    }

    private static IEnumerable<SourceText> List(SourceText line, Names names, List<string> items)
    {
        for (int i = 1; i < items.Count; i++)
            yield return Substitute(line, names, names.Variables.Length == 1 && !items[i].StartsWith('{') ? [items[i]] : Members(items[i]));
    }

    // Items are separated by commas outside of braces.
    private static List<string> SplitItems(string text)
    {
        var items = new List<string>();
        int depth = 0, from = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] == '{') depth++;
            else if (i < text.Length && text[i] == '}') depth--;
            else if (i == text.Length || (text[i] == ',' && depth <= 0))
            {
                items.Add(text[from..i].Trim());
                from = i + 1;
            }
        }

        return items;
    }

    private static string[] Members(string item) =>
        item.StartsWith('{') && item.EndsWith('}') ? [.. item[1..^1].Split(',').Select(m => m.Trim())] : [item];

    // Ends where a line gets longer than any line may be, which the reader of lines reports.
    private static SourceText Substitute(SourceText line, Names names, string[] values)
    {
        var builder = new SourceText.Builder(line);
        string text = line.Text;
        int from = names.RestStart;
        while (from < text.Length && SourceText.IsBlank(text[from])) from++;
        for (int i = from; i < text.Length; i++)
        {
            if (text[i] != '$' || !Definitions.TryFindUse(text, i, out string name, out int length)) continue;
            int index = Array.IndexOf(names.Variables, name);
            if (index < 0) continue;
            if (builder.Length > LanguageLimits.ExpandedLine) break;
            builder.Keep(from, i - from);
            builder.Insert(index < values.Length ? values[index] : "", line.At(i).Column, null);
            from = i + length;
            i = from - 1;
        }

        builder.Keep(from, text.Length - from);
        return builder.ToSourceText();
    }

    private static bool IsName(string text) =>
        text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    // As C writes numbers: 0x… and 0… too.
    private static bool TryParse(string text, out long value)
    {
        bool isNegative = text.StartsWith('-');
        string digits = isNegative || text.StartsWith('+') ? text[1..] : text;
        bool isOk = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? int.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int number)
            : digits.Length > 1 && digits[0] == '0' ? TryParseOctal(digits, out number)
            : int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        value = isNegative ? -(long)number : number;
        return isOk;
    }

    private static bool TryParseOctal(string digits, out int value)
    {
        value = 0;
        foreach (char c in digits)
        {
            if (c is < '0' or > '7' || value > int.MaxValue >> 3) return false;
            value = (value << 3) + (c - '0');
        }

        return true;
    }
}
