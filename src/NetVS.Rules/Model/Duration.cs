using System.Globalization;

namespace NetVS.Rules;

/// <summary>Times as they are written at a command line: <c>90</c>, <c>90s</c>, <c>10m</c>, <c>2h</c>, <c>1d</c>.</summary>
public static class Duration
{
    /// <summary>What a message says how to write it.</summary>
    public const string Spellings = "write seconds, or a number with s, m, h or d: 90, 10m, 2h";

    /// <summary>Reads a time.</summary>
    public static bool TryParse(string text, out TimeSpan time)
    {
        time = default;
        int unit = text.Length == 0 ? -1 : "smhd".IndexOf(text[^1], StringComparison.Ordinal);
        string digits = unit < 0 ? text : text[..^1];
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number)) return false;
        long seconds = number * (long)(unit switch { 1 => 60, 2 => 3600, 3 => 86_400, _ => 1 });
        time = TimeSpan.FromSeconds(seconds);
        return true;
    }

    /// <summary>Writes a time for people, in its two greatest units: <c>9 min 55 s</c>.</summary>
    public static string Format(TimeSpan time)
    {
        if (time.TotalDays >= 1) return $"{time.Days} d {time.Hours} h";
        if (time.TotalHours >= 1) return $"{time.Hours} h {time.Minutes} min";
        return time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds} s" : $"{(int)time.TotalSeconds} s";
    }
}
