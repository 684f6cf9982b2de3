namespace NetVS.Bench;

/// <summary>Prints a report as Markdown tables, for a document.</summary>
public static class BenchReportMarkdown
{
    /// <summary>Prints it.</summary>
    public static void Write(BenchReport report, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(output);
        WriteRow(output, ["machine", ""]);
        WriteRow(output, ["---", "---"]);
        foreach ((string name, string value) in report.Machine) WriteRow(output, [name, value]);
        IReadOnlyList<BenchVerdict> verdicts = BenchTarget.Judge(report);
        if (verdicts.Count > 0)
        {
            output.Write("\n### What is to be reached\n\n");
            WriteRow(output, ["", "wanted", "measured", ""]);
            WriteRow(output, ["---", "--:", "--:", "---"]);
            foreach (BenchVerdict v in verdicts)
                WriteRow(output, [v.Target.Text, v.Target.Wanted, BenchText.Ratio(v.Value), v.IsMet ? "reached" : "**missed**"]);
        }

        string? part = null;
        foreach (BenchTable table in report.Tables())
        {
            if (table.Part != part) output.Write($"\n### {table.Part}\n");
            part = table.Part;
            WriteTable(report, table, output);
        }

        if (report.Skipped.Count == 0) return;
        output.Write("\n### Not measured\n\n");
        foreach (string skipped in report.Skipped) output.Write($"- {Escape(skipped)}\n");
    }

    private static void WriteTable(BenchReport report, BenchTable table, TextWriter output)
    {
        if (table.IsNothing)
        {
            output.Write($"\n**{Escape(table.Metric)}**: none.\n");
            return;
        }

        output.Write($"\n**{Escape(table.Metric)}**\n\n");
        WriteRow(output, ["", "", "min", "median", "max", .. table.Baselines.Select(b => "x " + b)]);
        WriteRow(output, ["---", "---", "--:", "--:", "--:", .. table.Baselines.Select(_ => "--:")]);
        string? load = null;
        foreach (BenchRow row in table.Rows)
        {
            WriteRow(output, [
                row.Load == load ? "" : row.Load, row.Subject, BenchText.Format(row.Least), BenchText.Format(row.Median), BenchText.Format(row.Greatest),
                .. table.Baselines.Select(b => report.RatioTo(row, b) is { } ratio ? BenchText.Ratio(ratio) : "")]);
            load = row.Load;
        }
    }

    private static void WriteRow(TextWriter output, IEnumerable<string> cells) => output.Write($"| {string.Join(" | ", cells.Select(Escape))} |\n");

    private static string Escape(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
