using System.Text;
using System.Text.Json;

namespace NetVS.Keepalived.Diagnostics;

/// <summary>Problems as JSON, for programs: <c>netvs check --format json</c>.</summary>
public static class DiagnosticJson
{
    /// <summary>One object: the file, the exit status, and all problems.</summary>
    /// <param name="file">The file that was read.</param>
    /// <param name="exitStatus">The exit status.</param>
    /// <param name="problems">The problems.</param>
    /// <param name="omitted">Problems that were not kept.</param>
    public static string Format(string file, int exitStatus, IReadOnlyList<KeepalivedDiagnostic> problems, int omitted)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("file", file);
            json.WriteNumber("exitStatus", exitStatus);
            json.WriteNumber("omitted", omitted);
            json.WriteStartArray("problems");
            foreach (KeepalivedDiagnostic problem in problems) Write(json, problem);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void Write(Utf8JsonWriter json, KeepalivedDiagnostic problem)
    {
        json.WriteStartObject();
        json.WriteString("file", problem.Position.File);
        json.WriteNumber("line", problem.Position.Line);
        json.WriteNumber("column", problem.Position.Column);
        json.WriteString("severity", DiagnosticText.Name(problem.Severity));
        json.WriteString("class", problem.Class.ToString());
        json.WriteString("message", problem.Message);
        if (problem.Also.Count > 0)
        {
            json.WriteStartArray("also");
            foreach (string also in problem.Also) json.WriteStringValue(also);
            json.WriteEndArray();
        }

        if (problem.Definition is { } definition) json.WriteString("definedAt", definition.ToString());
        if (!string.IsNullOrEmpty(problem.Advice)) json.WriteString("advice", problem.Advice);
        if (problem.IsBeyondStop) json.WriteBoolean("afterStop", true);
        json.WriteEndObject();
    }
}
