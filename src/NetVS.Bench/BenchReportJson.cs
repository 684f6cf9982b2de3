using System.Text.Json;

namespace NetVS.Bench;

/// <summary>Prints a report as one JSON object.</summary>
public static class BenchReportJson
{
    /// <summary>Writes it, with a line end.</summary>
    public static void Write(BenchReport report, Stream output)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(output);
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteStartObject("machine");
            foreach ((string name, string value) in report.Machine) json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteStartArray("rows");
            foreach (BenchRow row in report.Rows) WriteRow(json, report, row);
            json.WriteEndArray();
            json.WriteStartArray("skipped");
            foreach (string skipped in report.Skipped) json.WriteStringValue(skipped);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static void WriteRow(Utf8JsonWriter json, BenchReport report, BenchRow row)
    {
        json.WriteStartObject();
        json.WriteString("part", row.Part);
        json.WriteString("metric", row.Metric);
        json.WriteString("load", row.Load);
        json.WriteString("subject", row.Subject);
        WriteNumber(json, "min", row.Least);
        WriteNumber(json, "median", row.Median);
        WriteNumber(json, "max", row.Greatest);
        json.WriteStartObject("ratio");
        foreach (string baseline in BenchReport.Baselines)
            if (report.RatioTo(row, baseline) is { } ratio) WriteNumber(json, baseline, ratio);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // JSON has no "not a number".
    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, Math.Round(value, 4));
        else json.WriteNull(name);
    }
}
