namespace NetVS.Bench;

/// <summary>Rows of one part and metric.</summary>
/// <param name="Part">The part.</param>
/// <param name="Metric">The metric.</param>
/// <param name="Rows">The rows.</param>
/// <param name="Baselines">The subjects among them that all are compared with.</param>
internal sealed record BenchTable(string Part, string Metric, IReadOnlyList<BenchRow> Rows, IReadOnlyList<string> Baselines)
{
    /// <summary>Whether there is nothing to tell: all values are zero.</summary>
    public bool IsNothing => Rows.All(r => r.Greatest == 0);
}
