namespace NetVS.Bench.Plots;

/// <summary>Draws a report as one SVG: lines where a load grows, bars elsewhere; the least and greatest values as whiskers.</summary>
public static class BenchPlot
{
    private const double Width = 1000, Margin = 20, TitleHeight = 30, PlotHeight = 300, AxisHeight = 40, AxisWidth = 90, LegendWidth = 270, BarHeight = 17, BarLabelWidth = 330, ValueWidth = 80;
    private const double Logarithm = 10;
    private const string Grid = "#dddddd", Ink = "#555555";

    private static readonly string[] s_colors =
        ["#4269d0", "#efb118", "#ff725c", "#3ca951", "#a463f2", "#6cc5b0", "#9c6b4e", "#ff8ab7", "#1b6f8a", "#7a7a7a", "#8c1d40", "#97bbf5"];

    /// <summary>Draws it.</summary>
    public static void Write(BenchReport report, Stream output)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(output);
        BenchTable[] tables = [.. report.Tables().Where(t => !t.IsNothing && Metrics.HasRatio(t.Metric) && t.Rows.Any(IsDrawn))];
        List<string> subjects = [.. tables.SelectMany(t => t.Rows).Select(r => r.Subject).Distinct()];
        double height = Margin + tables.Sum(Height) + Margin + (16 * report.Machine.Count);
        using var drawing = new SvgDrawing(output, Width, height, "netvs bench");
        double top = Margin;
        foreach (BenchTable table in tables)
        {
            drawing.Label(Margin, top + 14, $"{table.Part}: {table.Metric}", isBold: true);
            if (IsGrowing(table)) DrawLines(drawing, table, subjects, top + TitleHeight);
            else DrawBars(drawing, table, subjects, top + TitleHeight);
            top += Height(table);
        }

        foreach ((string name, string value) in report.Machine) drawing.Label(Margin, top += 16, $"{name}: {value}");
    }

    private static bool IsDrawn(BenchRow row) => double.IsFinite(row.Median);

    private static bool IsGrowing(BenchTable table) =>
        table.Rows.Select(r => r.Load).Distinct().Count() > 2 && table.Rows.All(r => BenchText.CountIn(r.Load) is > 0);

    private static double Height(BenchTable table) => TitleHeight + Margin + (IsGrowing(table)
        ? Math.Max(PlotHeight + AxisHeight, BarHeight * table.Rows.Select(r => r.Subject).Distinct().Count())
        : BarHeight * (table.Rows.Count + table.Rows.Select(r => r.Load).Distinct().Count()));

    private static string ColorOf(List<string> subjects, string subject) => s_colors[subjects.IndexOf(subject) % s_colors.Length];

    private static void DrawLines(SvgDrawing drawing, BenchTable table, List<string> subjects, double top)
    {
        BenchRow[] rows = [.. table.Rows.Where(IsDrawn)];
        Scale scale = Scale.For([.. rows.SelectMany(r => (double[])[r.Least, r.Greatest]).Where(double.IsFinite)]);
        double left = Margin + AxisWidth, right = Width - LegendWidth - Margin, bottom = top + PlotHeight;
        double[] loads = [.. rows.Select(LoadOf).Distinct().Order()];
        double firstLoad = Math.Log(loads[0], Logarithm), span = Math.Max(1e-9, Math.Log(loads[^1], Logarithm) - firstLoad);
        foreach (double tick in scale.Ticks)
        {
            drawing.Line(left, Y(tick), right, Y(tick), Grid);
            drawing.Label(left - 8, Y(tick) + 4, BenchText.Format(tick), "end");
        }

        foreach (double load in loads)
        {
            drawing.Line(X(load), bottom, X(load), bottom + 5, Ink);
            drawing.Label(X(load), bottom + 20, rows.First(r => LoadOf(r).Equals(load)).Load, "middle");
        }

        drawing.Line(left, bottom, right, bottom, Ink);
        double legend = top + 10;
        foreach (IGrouping<string, BenchRow> series in rows.GroupBy(r => r.Subject))
        {
            string color = ColorOf(subjects, series.Key);
            bool isDashed = subjects.IndexOf(series.Key) >= s_colors.Length;
            drawing.Series(series.OrderBy(LoadOf).Select(r => (X(LoadOf(r)), Y(r.Median))), color, isDashed);
            foreach (BenchRow row in series)
            {
                drawing.Line(X(LoadOf(row)), Y(row.Least), X(LoadOf(row)), Y(row.Greatest), color);
                drawing.Dot(X(LoadOf(row)), Y(row.Median), color);
            }

            drawing.Line(right + 20, legend - 4, right + 40, legend - 4, color, 3);
            drawing.Label(right + 46, legend, series.Key);
            legend += BarHeight;
        }

        double X(double load) => left + 20 + ((Math.Log(load, Logarithm) - firstLoad) / span * (right - left - 40));
        double Y(double value) => bottom - (scale.Place(value) * PlotHeight);
    }

    private static double LoadOf(BenchRow row) => BenchText.CountIn(row.Load) ?? 1;

    private static void DrawBars(SvgDrawing drawing, BenchTable table, List<string> subjects, double top)
    {
        double left = Margin + BarLabelWidth, width = Width - left - ValueWidth - Margin;
        double greatest = table.Rows.Where(IsDrawn).Max(r => r.Greatest);
        foreach (IGrouping<string, BenchRow> load in table.Rows.GroupBy(r => r.Load))
        {
            drawing.Label(Margin, top + 12, load.Key);
            top += BarHeight;
            foreach (BenchRow row in load)
            {
                drawing.Label(left - 8, top + 12, row.Subject, "end");
                if (IsDrawn(row))
                {
                    double middle = top + (BarHeight / 2) - 1;
                    drawing.Rectangle(left, top + 2, Length(row.Median), BarHeight - 5, ColorOf(subjects, row.Subject));
                    drawing.Line(left + Length(row.Least), middle, left + Length(row.Greatest), middle, Ink);
                }

                drawing.Label(left + (IsDrawn(row) ? Length(row.Greatest) : 0) + 6, top + 12, BenchText.Format(row.Median));
                top += BarHeight;
            }
        }

        double Length(double value) => greatest > 0 ? Math.Max(0, value) / greatest * width : 0;
    }
}
