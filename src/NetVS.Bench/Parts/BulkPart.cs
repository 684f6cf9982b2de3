using System.Diagnostics;
using System.Globalization;
using NetVS.Bench.Paths;
using NetVS.Bench.Wires;

namespace NetVS.Bench.Parts;

/// <summary>TCP connections as fast as they go, by iperf3.</summary>
internal static class BulkPart
{
    /// <summary>Its name.</summary>
    public const string Name = "bulk";

    private static readonly int[] s_streams = [1, 8];

    /// <summary>Measures.</summary>
    public static IEnumerable<BenchRow> Run(BenchOptions options, List<string> skipped)
    {
        var rows = new RowCollector(Name);
        IReadOnlyList<IForwardingPath> paths = Subjects.ForConnections(options);
        var turns = new Turns(Name, options, skipped);
        using BenchNetwork network = BenchNetwork.Create();
        for (int repetition = 0; repetition < options.Repetitions; repetition++)
        {
            foreach (int streams in s_streams)
            {
                string load = BenchText.Count(streams, "connection");
                foreach (IForwardingPath path in paths)
                {
                    turns.Take(repetition, load, path.Name, () =>
                    {
                        using RunningPath running = path.Begin(network, PathLoad.Connections);
                        Measure(network, path, streams, load, options.Duration, rows);
                    });
                }
            }
        }

        return rows.Rows();
    }

    private static void Measure(BenchNetwork network, IForwardingPath path, int streams, string load, TimeSpan duration, RowCollector rows)
    {
        if (WarmUp.Precedes(duration)) Load(network, path, streams, WarmUp.Time);
        double busy = MachineFacts.BusySeconds();
        IperfResult result = Load(network, path, streams, duration);
        busy = MachineFacts.BusySeconds() - busy;
        rows.Add(Metrics.Gigabits, load, path.Name, result.BitsPerSecond / 1e9);
        rows.Add(Metrics.SecondsPerGigabyte, load, path.Name, busy / (result.Octets / 1e9));
    }

    private static IperfResult Load(BenchNetwork network, IForwardingPath path, int streams, TimeSpan duration)
    {
        Process server = Tool.Start("nsenter", network.Server.Enter("iperf3", "-s", "-1", "--forceflush"));
        try
        {
            string? line;
            do line = server.StandardOutput.ReadLine();
            while (line is not null && !line.StartsWith("Server listening", StringComparison.Ordinal));
            string seconds = Math.Max(1, (int)duration.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return IperfResult.Parse(network.Client.Run(
                "iperf3", "-c", path.Target.ToString(), "-t", seconds, "-P", streams.ToString(CultureInfo.InvariantCulture), "-J"));
        }
        finally
        {
            Tool.End(server);
        }
    }
}
