using NetVS.Bench.Paths;
using NetVS.Bench.Wires;

namespace NetVS.Bench.Parts;

/// <summary>Packets per second of known flows, 60-octet UDP datagrams, one way.</summary>
internal static class PacketsPart
{
    /// <summary>Its name.</summary>
    public const string Name = "packets";

    private const string Generator = "generator alone";

    /// <summary>Measures.</summary>
    public static IEnumerable<BenchRow> Run(BenchOptions options, List<string> skipped)
    {
        var rows = new RowCollector(Name);
        IReadOnlyList<IForwardingPath> paths = Subjects.ForDatagrams(options);
        var turns = new Turns(Name, options, skipped);
        using BenchNetwork network = BenchNetwork.Create();
        network.SetFrontGro(true);
        using var bench = new PacketBench(network);
        for (int repetition = 0; repetition < options.Repetitions; repetition++)
        {
            foreach (int flows in options.Sizes)
            {
                string load = BenchText.Count(flows, "flow");
                double alone = 0;
                turns.Take(repetition, load, Generator, () =>
                {
                    PacketMeasurement measured = bench.MeasureAlone(flows, options.Duration);
                    alone = measured.PacketsPerSecond;
                    rows.Add(Metrics.PacketRate, load, Generator, alone);
                });
                foreach (IForwardingPath path in paths)
                {
                    turns.Take(repetition, load, path.Name, () =>
                    {
                        using RunningPath running = path.Begin(network, PathLoad.Datagrams(flows));
                        Add(rows, load, path.Name, alone, bench.Measure(path, running, flows, options.Duration));
                    });
                }
            }
        }

        return rows.Rows();
    }

    private static void Add(RowCollector rows, string load, string subject, double alone, PacketMeasurement measured)
    {
        rows.Add(Metrics.PacketRate, load, subject, measured.PacketsPerSecond);
        rows.Add(Metrics.PacketNetTime, load, subject, NetNanoseconds(measured.PacketsPerSecond, alone));
        rows.Add(Metrics.PacketCost, load, subject, measured.BusyCores * 1e9 / measured.PacketsPerSecond);
        if (measured.UserFramesPerPacket is { } share) rows.Add(Metrics.UserFrames, load, subject, share);
    }

    /// <summary>What a path adds to the time of a packet that the generator and the sink need by themselves.</summary>
    internal static double NetNanoseconds(double packetsPerSecond, double alone) =>
        packetsPerSecond > 0 && alone > 0 ? (1e9 / packetsPerSecond) - (1e9 / alone) : double.NaN;
}
