using NetVS.Bench.Paths;
using NetVS.Bench.Wires;
using NetVS.Linux.Bpf;

namespace NetVS.Bench.Parts;

/// <summary>Packets per second of known flows, 60-octet UDP datagrams, one way.</summary>
internal static class PacketsPart
{
    private const string Rate = "packets per second";
    private const string Cost = "core-ns per packet, generator included";

    /// <summary>Measures.</summary>
    public static IEnumerable<BenchRow> Run(BenchOptions options, List<string> skipped)
    {
        var rows = new RowCollector("packets");
        IForwardingPath[] paths =
            [new RedirectPath(), new KernelPath(), new NftablesPath(), .. options.Links.Select(l => new NetVsPath(options.Program, l))];
        var given = new HashSet<string>();
        using BenchNetwork network = BenchNetwork.Create();
        network.SetFrontGro(true);
        using var bench = new PacketBench(network);
        for (int repetition = 0; repetition < options.Repetitions; repetition++)
        {
            foreach (int flows in options.Sizes)
            {
                options.Progress?.Invoke($"packets, {flows} flows, {repetition + 1} of {options.Repetitions}: generator alone");
                using (BpfLink front = bench.SinkAtDirector()) Take("generator alone", flows, bench.Measure(BenchNetwork.Virtual, flows, options.Duration));
                foreach (IForwardingPath path in paths.Where(p => !given.Contains(p.Name)))
                {
                    if (path.FindLimit(flows) is { } limit)
                    {
                        if (repetition == 0) skipped.Add($"packets, {path.Name}: {limit}");
                        continue;
                    }

                    options.Progress?.Invoke($"packets, {flows} flows, {repetition + 1} of {options.Repetitions}: {path.Name}");
                    try
                    {
                        using IDisposable running = path.Begin(network);
                        Take(path.Name, flows, bench.Measure(path.Target, flows, options.Duration));
                    }
                    catch (BenchException problem)
                    {
                        skipped.Add($"packets, {path.Name}: {problem.Message}");
                        given.Add(path.Name);
                    }
                }
            }
        }

        return rows.Rows();

        void Take(string subject, int flows, (double PacketsPerSecond, double BusyCores) measured)
        {
            string load = $"{flows} flows";
            rows.Add(Rate, load, subject, measured.PacketsPerSecond);
            if (measured.PacketsPerSecond > 0) rows.Add(Cost, load, subject, measured.BusyCores * 1e9 / measured.PacketsPerSecond);
        }
    }
}
