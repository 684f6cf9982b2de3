using System.Diagnostics;
using System.Globalization;
using System.Net;
using NetVS.Bench.Paths;
using NetVS.Bench.Wires;

namespace NetVS.Bench.Parts;

/// <summary>HTTP requests by wrk to nginx: one per connection, and many per connection.</summary>
internal static class RequestsPart
{
    /// <summary>Its name.</summary>
    public const string Name = "requests";

    // Enough to keep two cores busy, few enough that what is measured is not a queue of wrk's own.
    private const int Clients = 64;

    /// <summary>The load of a connection for each request.</summary>
    public static string NewConnections { get; } = $"{BenchText.Count(Clients, "client")}, a connection each";

    /// <summary>The load of connections that are kept.</summary>
    public static string KeptConnections { get; } = $"{BenchText.Count(Clients, "client")}, kept connections";

    /// <summary>Measures.</summary>
    public static IEnumerable<BenchRow> Run(BenchOptions options, List<string> skipped)
    {
        var rows = new RowCollector(Name);
        IReadOnlyList<IForwardingPath> paths = Subjects.ForConnections(options);
        var turns = new Turns(Name, options, skipped);
        using BenchNetwork network = BenchNetwork.Create();
        string script = Path.Combine(network.Folder, "wrk.lua");
        File.WriteAllText(script, WrkResult.Script);
        Process server = WebServer.Start(network);
        try
        {
            for (int repetition = 0; repetition < options.Repetitions; repetition++)
            {
                foreach (bool isKept in (bool[])[false, true])
                {
                    foreach (IForwardingPath path in paths)
                    {
                        turns.Take(repetition, isKept ? KeptConnections : NewConnections, path.Name, () =>
                        {
                            using RunningPath running = path.Begin(network, PathLoad.Connections);
                            Measure(network, path, script, isKept, options.Duration, rows);
                        });
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

    private static void Measure(BenchNetwork network, IForwardingPath path, string script, bool isKept, TimeSpan duration, RowCollector rows)
    {
        string load = isKept ? KeptConnections : NewConnections;
        if (WarmUp.Precedes(duration)) Load(network, path, script, isKept, WarmUp.Time);
        using ConnectionProbe? probe = isKept ? null : new ConnectionProbe(network.Client, new IPEndPoint(IPAddress.Parse(path.Target.ToString()), path.WebPort));
        double busy = MachineFacts.BusySeconds();
        WrkResult result = Load(network, path, script, isKept, duration);
        busy = MachineFacts.BusySeconds() - busy;
        IReadOnlyList<double> connections = probe?.End() ?? [];
        rows.Add(Metrics.RequestRate, load, path.Name, result.RequestsPerSecond);
        rows.Add(Metrics.SecondsPerMillion, load, path.Name, busy / ((result.Requests + connections.Count) / 1e6));
        for (int i = 0; i < Percentiles.All.Count; i++)
        {
            rows.Add(Metrics.RequestLatency, $"{load}, {Percentiles.Names[i]}", path.Name, result.Latencies[i]);
            if (connections.Count > 0)
                rows.Add(Metrics.ConnectionLatency, $"{load}, {Percentiles.Names[i]}", path.Name, Percentiles.Of(connections, Percentiles.All[i]));
        }

        rows.Add(Metrics.Failures, load, path.Name, result.Failures + (probe?.Failures ?? 0));
    }

    private static WrkResult Load(BenchNetwork network, IForwardingPath path, string script, bool isKept, TimeSpan duration)
    {
        string[] close = isKept ? [] : ["-H", "Connection: close"];
        string seconds = Math.Max(1, (int)duration.TotalSeconds).ToString(CultureInfo.InvariantCulture) + "s";
        return WrkResult.Parse(network.Client.Run(
            "wrk", ["-t1", $"-c{Clients}", "-d", seconds, "--timeout", "5s", "-s", script, .. close, $"http://{path.Target}:{path.WebPort}/"]));
    }
}
