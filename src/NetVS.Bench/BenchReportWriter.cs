namespace NetVS.Bench;

/// <summary>Prints a report as tables for a terminal.</summary>
public static class BenchReportWriter
{
    /// <summary>Prints it.</summary>
    public static void Write(BenchReport report, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(output);
        foreach ((string name, string value) in report.Machine) output.Write($"{name,-12} {value}\n");
        foreach (BenchTable table in report.Tables()) WriteTable(report, table, output);
        IReadOnlyList<BenchVerdict> verdicts = BenchTarget.Judge(report);
        if (verdicts.Count == 0) return;
        output.Write("\nwhat is to be reached\n");
        int names = verdicts.Max(v => v.Target.Text.Length);
        foreach (BenchVerdict v in verdicts)
            output.Write($"{v.Target.Text.PadRight(names)}  {v.Target.Wanted,10}  {BenchText.Ratio(v.Value),8}  {(v.IsMet ? "reached" : "MISSED")}\n");
    }

    private static void WriteTable(BenchReport report, BenchTable table, TextWriter output)
    {
        output.Write($"\n{table.Part}: {table.Metric}");
        output.Write(table.IsNothing ? ": none\n" : "\n");
        if (table.IsNothing) return;
        int subjects = table.Rows.Max(r => r.Subject.Length);
        int loads = table.Rows.Max(r => r.Load.Length);
        output.Write($"{"".PadRight(loads)}  {"".PadRight(subjects)}  {"min",11} {"median",11} {"max",11}");
        foreach (string baseline in table.Baselines) output.Write($"  {"x " + baseline}");
        output.Write('\n');
        foreach (BenchRow row in table.Rows)
        {
            output.Write(
                $"{row.Load.PadRight(loads)}  {row.Subject.PadRight(subjects)}  {BenchText.Format(row.Least),11} {BenchText.Format(row.Median),11} {BenchText.Format(row.Greatest),11}");
            foreach (string baseline in table.Baselines)
                output.Write($"  {(report.RatioTo(row, baseline) is { } ratio ? BenchText.Ratio(ratio) : "").PadLeft(baseline.Length + 2)}");
            output.Write('\n');
        }
    }
}
