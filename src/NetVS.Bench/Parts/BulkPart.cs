using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using NetVS.Bench.Paths;
using NetVS.Bench.Wires;

namespace NetVS.Bench.Parts;

/// <summary>One TCP connection as fast as it goes, by iperf3, with the devices' offloads as they are by default.</summary>
internal static class BulkPart
{
    /// <summary>Measures.</summary>
    public static IEnumerable<BenchRow> Run(BenchOptions options, List<string> skipped)
    {
        var rows = new RowCollector("bulk");
        IForwardingPath[] paths = [new KernelPath(), new NftablesPath(), .. options.Links.Select(l => new NetVsPath(options.Program, l))];
        var given = new HashSet<string>();
        using BenchNetwork network = BenchNetwork.Create();
        for (int repetition = 0; repetition < options.Repetitions; repetition++)
        {
            foreach (IForwardingPath path in paths.Where(p => !given.Contains(p.Name)))
            {
                options.Progress?.Invoke($"bulk, {repetition + 1} of {options.Repetitions}: {path.Name}");
                try
                {
                    using IDisposable running = path.Begin(network);
                    Measure(network, path, options.Duration, rows);
                }
                catch (BenchException problem)
                {
                    skipped.Add($"bulk, {path.Name}: {problem.Message}");
                    given.Add(path.Name);
                }
            }
        }

        return rows.Rows();
    }

    private static void Measure(BenchNetwork network, IForwardingPath path, TimeSpan duration, RowCollector rows)
    {
        Process server = Tool.Start("nsenter", network.Server.Enter("iperf3", "-s", "-1", "--forceflush"));
        try
        {
            string? line;
            do line = server.StandardOutput.ReadLine();
            while (line is not null && !line.StartsWith("Server listening", StringComparison.Ordinal));
            string seconds = Math.Max(1, (int)duration.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            double busy = MachineFacts.BusySeconds();
            string output = network.Client.Run("iperf3", "-c", path.Target.ToString(), "-t", seconds, "-J");
            busy = MachineFacts.BusySeconds() - busy;
            using JsonDocument json = JsonDocument.Parse(output);
            JsonElement received = json.RootElement.GetProperty("end").GetProperty("sum_received");
            double octets = received.GetProperty("bytes").GetDouble();
            rows.Add("Gbit per second", "1 connection", path.Name, received.GetProperty("bits_per_second").GetDouble() / 1e9);
            rows.Add("core-seconds per gigabyte, client and server included", "1 connection", path.Name, busy / (octets / 1e9));
        }
        finally
        {
            Tool.End(server);
        }
    }
}
