using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace NetVS.Commands;

/// <summary>What <c>--json</c> prints: an answer of the API, indented, on standard output.</summary>
internal static class JsonOutput
{
    /// <summary>The paragraph on the option in usage texts.</summary>
    public const string Usage = "      --json         as JSON, with the members that docs/openapi.yaml names\n";

    /// <summary>Prints a value; returns the exit status 0.</summary>
    public static int Print<T>(T value, JsonTypeInfo<T> type)
    {
        using Stream output = Console.OpenStandardOutput();
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        JsonSerializer.Serialize(writer, value, type);
        writer.Flush();
        output.WriteByte((byte)'\n');
        return 0;
    }
}
