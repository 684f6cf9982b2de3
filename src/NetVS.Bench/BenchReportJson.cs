using System.Text.Json;

namespace NetVS.Bench;

/// <summary>A report as one JSON object, printed and read back.</summary>
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

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="BenchException">It is something else.</exception>
    public static BenchReport Read(Stream input)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(input);
            JsonElement root = document.RootElement;
            return new BenchReport(
                [.. root.GetProperty("machine").EnumerateObject().Select(p => (p.Name, Text(p.Value)))],
                [.. root.GetProperty("rows").EnumerateArray().Select(ReadRow)],
                [.. root.GetProperty("skipped").EnumerateArray().Select(Text)]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new BenchException($"this is no result of 'netvs bench --json': {e.Message}");
        }
    }

    private static BenchRow ReadRow(JsonElement row)
    {
        double[] values = [.. row.GetProperty("values").EnumerateArray().Select(v => v.ValueKind == JsonValueKind.Null ? double.NaN : v.GetDouble())];
        if (values.Length == 0) throw new BenchException("this is no result of 'netvs bench --json': a row has no values");
        return new BenchRow(
            Text(row.GetProperty("part")), Text(row.GetProperty("metric")), Text(row.GetProperty("load")), Text(row.GetProperty("subject")), values);
    }

    private static string Text(JsonElement value) => value.GetString() ?? "";

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
        json.WriteStartArray("values");
        foreach (double value in row.Values)
        {
            if (double.IsFinite(value)) json.WriteNumberValue(value);
            else json.WriteNullValue();
        }

        json.WriteEndArray();
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
