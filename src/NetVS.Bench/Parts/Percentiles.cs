using System.Globalization;

namespace NetVS.Bench.Parts;

/// <summary>The percentiles latencies are told by.</summary>
internal static class Percentiles
{
    /// <summary>In percent.</summary>
    public static IReadOnlyList<double> All { get; } = [50, 90, 99, 99.9];

    /// <summary>Their names, in the same order: "p50", …</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(p => "p" + p.ToString(CultureInfo.InvariantCulture))];

    /// <summary>The least of some values that so many percent of them do not exceed.</summary>
    /// <param name="sorted">In ascending order; not empty.</param>
    /// <param name="percent">From 0 to 100.</param>
    public static double Of(IReadOnlyList<double> sorted, double percent) =>
        sorted[Math.Clamp((int)Math.Ceiling(sorted.Count * percent / 100) - 1, 0, sorted.Count - 1)];
}
