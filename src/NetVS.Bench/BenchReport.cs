namespace NetVS.Bench;

/// <summary>What was measured, and where.</summary>
/// <param name="Machine">Facts about the machine, by name.</param>
/// <param name="Rows">The measurements.</param>
/// <param name="Skipped">What could not be measured, with the reason.</param>
public sealed record BenchReport(
    IReadOnlyList<(string Name, string Value)> Machine, IReadOnlyList<BenchRow> Rows, IReadOnlyList<string> Skipped)
{
    /// <summary>The subjects that others are compared with, where they were measured under the same load.</summary>
    public static IReadOnlyList<string> Baselines { get; } =
        ["XDP redirect", "kernel forwarding", "nftables DNAT", Paths.HaproxyPath.Title, Paths.NginxStreamPath.Title, Parts.MemoryPart.Tracking];

    /// <summary>A row's median in relation to a baseline's; null where there is none, or it is the row itself.</summary>
    public double? RatioTo(BenchRow row, string baseline)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (!Metrics.HasRatio(row.Metric)) return null;
        BenchRow? other = Rows.FirstOrDefault(r => r.Part == row.Part && r.Metric == row.Metric && r.Load == row.Load && r.Subject == baseline);
        if (other is null || ReferenceEquals(other, row) || other.Median == 0) return null;
        double ratio = row.Median / other.Median;
        return double.IsFinite(ratio) ? ratio : null;
    }

    /// <summary>The tables: rows of one part and metric, in order, with the baselines they can be compared with.</summary>
    internal IEnumerable<BenchTable> Tables() => Rows.GroupBy(r => (r.Part, r.Metric)).Select(g => new BenchTable(
        g.Key.Part, g.Key.Metric, [.. g], [.. Baselines.Where(b => Metrics.HasRatio(g.Key.Metric) && g.Any(r => r.Subject == b))]));
}
