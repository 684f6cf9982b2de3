using System.Text.Json;

namespace NetVS.Bench.Parts;

/// <summary>What the receiving side of iperf3 got, all connections together.</summary>
/// <param name="BitsPerSecond">Of payload.</param>
/// <param name="Octets">Of payload.</param>
internal sealed record IperfResult(double BitsPerSecond, double Octets)
{
    /// <summary>Reads the output of <c>iperf3 -J</c>.</summary>
    /// <exception cref="BenchException">It is none, or an error; with iperf3's words.</exception>
    public static IperfResult Parse(string output)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(output);
            if (json.RootElement.TryGetProperty("error", out JsonElement error)) throw new BenchException($"iperf3: {error.GetString()}");
            JsonElement received = json.RootElement.GetProperty("end").GetProperty("sum_received");
            var result = new IperfResult(received.GetProperty("bits_per_second").GetDouble(), received.GetProperty("bytes").GetDouble());
            return result.Octets > 0 ? result : throw new BenchException("iperf3 received nothing");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException)
        {
            throw new BenchException($"iperf3 printed no result: {output.Trim()}");
        }
    }
}
