using System.Globalization;
using System.Text.RegularExpressions;

namespace NetVS.Bench.Parts;

/// <summary>What wrk printed.</summary>
/// <param name="RequestsPerSecond">Answers per second.</param>
/// <param name="MedianMilliseconds">The latency half of the requests stay below.</param>
/// <param name="NinetyNineMilliseconds">The latency 99 of 100 stay below.</param>
/// <param name="Failures">Socket errors and answers that were none.</param>
internal sealed partial record WrkResult(double RequestsPerSecond, double MedianMilliseconds, double NinetyNineMilliseconds, long Failures)
{
    /// <summary>Reads the output of <c>wrk --latency</c>.</summary>
    public static WrkResult Parse(string output)
    {
        Match rate = RateLine().Match(output);
        if (!rate.Success) throw new BenchException($"wrk printed no rate: {output.Trim()}");
        long failures = 0;
        Match errors = ErrorLine().Match(output);
        if (errors.Success)
            for (int i = 1; i <= 4; i++) failures += long.Parse(errors.Groups[i].Value, CultureInfo.InvariantCulture);
        Match refused = RefusedLine().Match(output);
        if (refused.Success) failures += long.Parse(refused.Groups[1].Value, CultureInfo.InvariantCulture);
        return new WrkResult(Number(rate.Groups[1].Value), Latency(output, "50%"), Latency(output, "99%"), failures);
    }

    private static double Latency(string output, string percentile)
    {
        Match line = Regex.Match(output, @"^\s+" + Regex.Escape(percentile) + @"\s+([0-9.]+)(us|ms|s|m)\s*$", RegexOptions.Multiline);
        if (!line.Success) return double.NaN;
        double factor = line.Groups[2].Value switch { "us" => 0.001, "ms" => 1, "s" => 1000, _ => 60_000 };
        return Number(line.Groups[1].Value) * factor;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Requests/sec:\s+([0-9.]+)")]
    private static partial Regex RateLine();

    [GeneratedRegex(@"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")]
    private static partial Regex ErrorLine();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex RefusedLine();
}
