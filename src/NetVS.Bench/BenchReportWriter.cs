using System.Globalization;

namespace NetVS.Bench;

/// <summary>Prints a report as tables.</summary>
public static class BenchReportWriter
{
    /// <summary>Prints it.</summary>
    public static void Write(BenchReport report, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(output);
        foreach ((string name, string value) in report.Machine) output.Write($"{name,-12} {value}\n");
        foreach (IGrouping<(string Part, string Metric), BenchRow> table in report.Rows.GroupBy(r => (r.Part, r.Metric)))
            WriteTable(report, table.Key.Part, table.Key.Metric, [.. table], output);
    }

    private static void WriteTable(BenchReport report, string part, string metric, BenchRow[] rows, TextWriter output)
    {
        if (rows.All(r => r.Greatest == 0))
        {
            output.Write($"\n{part}: {metric}: none\n");
            return;
        }

        string[] baselines = [.. BenchReport.Baselines.Where(b => rows.Any(r => r.Subject == b))];
        int subjects = rows.Max(r => r.Subject.Length);
        int loads = rows.Max(r => r.Load.Length);
        output.Write($"\n{part}: {metric}\n");
        output.Write($"{"".PadRight(loads)}  {"".PadRight(subjects)}  {"min",11} {"median",11} {"max",11}");
        foreach (string baseline in baselines) output.Write($"  {"x " + baseline}");
        output.Write('\n');
        foreach (BenchRow row in rows)
        {
            output.Write($"{row.Load.PadRight(loads)}  {row.Subject.PadRight(subjects)}  {Format(row.Least),11} {Format(row.Median),11} {Format(row.Greatest),11}");
            foreach (string baseline in baselines)
            {
                string ratio = report.RatioTo(row, baseline) is { } value ? value.ToString("0.00", CultureInfo.InvariantCulture) : "";
                output.Write($"  {ratio.PadLeft(baseline.Length + 2)}");
            }

            output.Write('\n');
        }
    }

    private static string Format(double value) => double.IsNaN(value) ? "n/a"
        : value.ToString(Math.Abs(value) switch { >= 1000 => "#,0", >= 100 => "0", >= 10 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture);
}
