using System.Buffers;
using System.Globalization;

namespace NetVS.Keepalived.Values;

/// <summary>Numbers as keepalived reads them, with its complaints (reference §2.9).</summary>
internal static class NumberText
{
    private static readonly SearchValues<char> s_decimal = SearchValues.Create("0123456789.");

    /// <summary>A whole decimal number.</summary>
    /// <param name="text">The text.</param>
    /// <param name="least">The least allowed; from 0 on, a sign is a mistake of its own.</param>
    /// <param name="most">The greatest allowed.</param>
    /// <param name="number">The number.</param>
    /// <param name="complaint">What is wrong.</param>
    public static bool TryParse(string text, long least, long most, out long number, out string complaint)
    {
        number = 0;
        string digits = text.TrimStart(' ', '\t');
        bool isNegative = digits.StartsWith('-');
        if (isNegative || digits.StartsWith('+')) digits = digits[1..];
        if (digits.Length == 0 || !digits.All(char.IsAsciiDigit))
        {
            complaint = $"invalid number '{text}'";
            return false;
        }

        if (isNegative && least >= 0)
        {
            complaint = $"negative number '{text}'";
            return false;
        }

        complaint = $"number '{text}' outside range [{least}, {most}]";
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number)) return false;
        if (isNegative) number = -number;
        return number >= least && number <= most;
    }

    /// <summary>Seconds with decimals, kept in microseconds.</summary>
    /// <param name="text">The text.</param>
    /// <param name="least">The least allowed, seconds.</param>
    /// <param name="most">The greatest allowed, seconds.</param>
    /// <param name="time">The time.</param>
    /// <param name="complaint">What is wrong; also set, with success, when there are more than six decimals.</param>
    public static bool TryParseTimer(string text, decimal least, decimal most, out TimeSpan time, out string? complaint)
    {
        time = default;
        complaint = $"invalid number '{text}'";
        string digits = text.TrimStart(' ', '\t');
        if (digits.StartsWith('-') && digits.Length > 1 && digits.AsSpan(1).IndexOfAnyExcept(s_decimal) < 0)
        {
            complaint = $"negative number '{text}'";
            return false;
        }

        int point = digits.IndexOf('.', StringComparison.Ordinal);
        if (digits.Length == 0 || digits == "." || digits.AsSpan().IndexOfAnyExcept(s_decimal) >= 0 || (point >= 0 && digits.LastIndexOf('.') != point))
            return false;
        complaint = string.Create(CultureInfo.InvariantCulture, $"number '{text}' outside range [{least:F6}, {most:F6}]");
        if ((point < 0 ? digits.Length : point) > 20) return false;
        bool isTooExact = point >= 0 && digits.Length - point - 1 > 6;
        if (digits.Length > 27) digits = digits[..27];
        decimal seconds = Math.Round(decimal.Parse("0" + digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture), 6);
        if (seconds < least || seconds > most) return false;
        complaint = isTooExact ? $"number '{text}' has too many decimal places" : null;
        time = seconds < (decimal)TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond)) : TimeSpan.MaxValue;
        return true;
    }
}
