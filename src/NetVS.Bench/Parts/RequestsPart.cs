using System.Diagnostics;
using System.Globalization;
using NetVS.Bench.Paths;
using NetVS.Bench.Wires;

namespace NetVS.Bench.Parts;

/// <summary>HTTP requests by wrk to nginx: one per connection, and many per connection.</summary>
internal static class RequestsPart
{
    private const int Clients = 64;

    /// <summary>Measures.</summary>
    public static IEnumerable<BenchRow> Run(BenchOptions options, List<string> skipped)
    {
        var rows = new RowCollector("requests");
        IForwardingPath[] paths = [new KernelPath(), new NftablesPath(), .. options.Links.Select(l => new NetVsPath(options.Program, l))];
        var given = new HashSet<string>();
        using BenchNetwork network = BenchNetwork.Create();
        Process server = WebServer.Start(network);
        try
        {
            for (int repetition = 0; repetition < options.Repetitions; repetition++)
            {
                foreach (IForwardingPath path in paths.Where(p => !given.Contains(p.Name)))
                {
                    options.Progress?.Invoke($"requests, {repetition + 1} of {options.Repetitions}: {path.Name}");
                    try
                    {
                        using IDisposable running = path.Begin(network);
                        Measure(network, path, options.Duration, rows);
                    }
                    catch (BenchException problem)
                    {
                        skipped.Add($"requests, {path.Name}: {problem.Message}");
                        given.Add(path.Name);
                    }
                }
            }
        }
        finally
        {
            Tool.End(server);
        }

        return rows.Rows();
    }

    private static void Measure(BenchNetwork network, IForwardingPath path, TimeSpan duration, RowCollector rows)
    {
        foreach (bool isKept in (bool[])[false, true])
        {
            string load = $"{Clients} clients, {(isKept ? "kept connections" : "a connection each")}";
            string[] close = isKept ? [] : ["-H", "Connection: close"];
            string seconds = Math.Max(1, (int)duration.TotalSeconds).ToString(CultureInfo.InvariantCulture) + "s";
            WrkResult result = WrkResult.Parse(network.Client.Run(
                "wrk", ["-t1", $"-c{Clients}", "-d", seconds, "--latency", "--timeout", "5s", .. close, $"http://{path.Target}:{path.WebPort}/"]));
            rows.Add("requests per second", load, path.Name, result.RequestsPerSecond);
            rows.Add("latency p50, ms", load, path.Name, result.MedianMilliseconds);
            rows.Add("latency p99, ms", load, path.Name, result.NinetyNineMilliseconds);
            rows.Add("failed requests", load, path.Name, result.Failures);
        }
    }
}
