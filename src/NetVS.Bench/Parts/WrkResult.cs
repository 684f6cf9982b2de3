using System.Globalization;

namespace NetVS.Bench.Parts;

/// <summary>What wrk measured.</summary>
/// <param name="Requests">Answers.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Failures">Socket errors and answers that were none.</param>
/// <param name="Latencies">In milliseconds, for each of <see cref="Percentiles.All"/>.</param>
internal sealed record WrkResult(long Requests, double Seconds, long Failures, IReadOnlyList<double> Latencies)
{
    /// <summary>The script that makes wrk print what <see cref="Parse"/> reads: its own table ends at p99 and rounds.</summary>
    public static string Script { get; } = $$"""
        function done(summary, latency, requests)
          local e = summary.errors
          local line = string.format("{{Mark}} %d %d %d", summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout)
          for _, p in ipairs({ {{string.Join(", ", Percentiles.All.Select(p => p.ToString(CultureInfo.InvariantCulture)))}} }) do
            line = line .. string.format(" %d", latency:percentile(p))
          end
          io.write(line .. "\n")
        end

        """;

    private const string Mark = "measured:";

    /// <summary>Answers per second.</summary>
    public double RequestsPerSecond => Requests / Seconds;

    /// <summary>Reads the line of <see cref="Script"/> in wrk's output; times there are in microseconds.</summary>
    /// <exception cref="BenchException">There is none; with wrk's words.</exception>
    public static WrkResult Parse(string output)
    {
        string? line = output.Split('\n').FirstOrDefault(l => l.StartsWith(Mark, StringComparison.Ordinal));
        string[] words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        double[] numbers = [.. words.Skip(1).Select(w => double.TryParse(w, CultureInfo.InvariantCulture, out double n) ? n : double.NaN)];
        if (numbers.Length != 3 + Percentiles.All.Count || numbers.Any(double.IsNaN)) throw new BenchException($"wrk printed no result: {output.Trim()}");
        return numbers[0] > 0
            ? new WrkResult((long)numbers[0], numbers[1] / 1e6, (long)numbers[2], [.. numbers.Skip(3).Select(n => n / 1000)])
            : throw new BenchException("wrk got no answer at all");
    }
}
