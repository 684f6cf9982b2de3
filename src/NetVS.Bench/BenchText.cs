using System.Globalization;

namespace NetVS.Bench;

/// <summary>Numbers as people read them.</summary>
internal static class BenchText
{
    /// <summary>"1 flow", "1,000 flows".</summary>
    public static string Count(int count, string noun) => $"{count.ToString("#,0", CultureInfo.InvariantCulture)} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>The number a load begins with; null where it begins with none.</summary>
    public static int? CountIn(string load)
    {
        string digits = new([.. load.TakeWhile(c => char.IsAsciiDigit(c) || c == ',').Where(char.IsAsciiDigit)]);
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : null;
    }

    /// <summary>A value with about three digits.</summary>
    public static string Format(double value) => double.IsNaN(value) ? "n/a"
        : value.ToString(Math.Abs(value) switch { >= 1000 => "#,0", >= 100 => "0", >= 10 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture);

    /// <summary>A ratio.</summary>
    public static string Ratio(double value) => value.ToString(Math.Abs(value) < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture);
}
