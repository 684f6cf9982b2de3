using System.Globalization;

namespace NetVS.Golden.Oracle;

/// <summary>
/// Many frames in one line of a scenario: <c>each 1-9 eth0 ipv4 203.0.113.% > …</c> puts the numbers for "%", <c>each 20:S,F.,R eth0 … tcp 40@ > 80 %</c>
/// the words for "%" and, from the number before the colon on, a number for "@".
/// </summary>
internal static class EachFrame
{
    /// <summary>The texts of the "in" statements it stands for.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static IEnumerable<string> Expand(string text)
    {
        string[] parts = text.Split((char[])[' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2) throw new FormatException("'each' needs a range or words, and a packet");
        string[] list = parts[0].Split(':', 2), range = parts[0].Split('-');
        if (list.Length == 2) return Number(list[1].Split(','), Read(list[0]), parts[1]);
        if (range.Length != 2) throw new FormatException($"'{parts[0]}' is neither a range like 1-9 nor a list like 20:S,F.,R");
        return Number([.. Enumerable.Range(Read(range[0]), Read(range[1]) - Read(range[0]) + 1).Select(n => n.ToString(CultureInfo.InvariantCulture))], Read(range[0]), parts[1]);
    }

    private static IEnumerable<string> Number(IEnumerable<string> words, int first, string text) => words.Select((word, i) => text
        .Replace("%", word, StringComparison.Ordinal)
        .Replace("@", (first + i).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));

    private static int Read(string number) => int.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture);
}
