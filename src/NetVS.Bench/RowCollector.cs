namespace NetVS.Bench;

/// <summary>Gathers values as they are measured, and keeps rows in the order they first came.</summary>
internal sealed class RowCollector(string part)
{
    private readonly List<(string Metric, string Load, string Subject)> _order = [];
    private readonly Dictionary<(string Metric, string Load, string Subject), List<double>> _values = [];

    /// <summary>Adds one value.</summary>
    public void Add(string metric, string load, string subject, double value)
    {
        (string, string, string) key = (metric, load, subject);
        if (!_values.TryGetValue(key, out List<double>? values))
        {
            _order.Add(key);
            _values.Add(key, values = []);
        }

        values.Add(value);
    }

    /// <summary>The rows: by metric, then load, then subject, each in the order they first came.</summary>
    public IEnumerable<BenchRow> Rows()
    {
        List<string> metrics = [.. _order.Select(o => o.Metric).Distinct()];
        List<string> loads = [.. _order.Select(o => o.Load).Distinct()];
        return _order
            .OrderBy(o => metrics.IndexOf(o.Metric)).ThenBy(o => loads.IndexOf(o.Load))
            .Select(o => new BenchRow(part, o.Metric, o.Load, o.Subject, _values[o]));
    }
}
