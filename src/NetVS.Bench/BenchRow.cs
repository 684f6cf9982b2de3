namespace NetVS.Bench;

/// <summary>One thing measured several times.</summary>
/// <param name="Part">The part it belongs to.</param>
/// <param name="Metric">What was measured, with its unit.</param>
/// <param name="Load">Under which load: flows, connections.</param>
/// <param name="Subject">Whose: a way to forward, or an operation.</param>
/// <param name="Values">One per repetition.</param>
public sealed record BenchRow(string Part, string Metric, string Load, string Subject, IReadOnlyList<double> Values)
{
    /// <summary>The least.</summary>
    public double Least => Values.Min();

    /// <summary>The greatest.</summary>
    public double Greatest => Values.Max();

    /// <summary>The middle one, or the mean of the middle two.</summary>
    public double Median
    {
        get
        {
            double[] sorted = [.. Values.Order()];
            int middle = sorted.Length / 2;
            return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }
    }
}
