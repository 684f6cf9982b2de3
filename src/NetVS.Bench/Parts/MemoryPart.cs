using System.Globalization;
using NetVS.Bench.Paths;
using NetVS.Bench.Wires;

namespace NetVS.Bench.Parts;

/// <summary>Memory for each connection: of the daemon and its eBPF maps, and of the kernel's connection tracking.</summary>
internal static class MemoryPart
{
    /// <summary>Its name.</summary>
    public const string Name = "memory";

    /// <summary>The kernel's connection tracking with all that belongs to it: what others are compared with.</summary>
    public const string Tracking = "nftables DNAT: all slabs";

    // Below this many connections, what a process or a slab has for other reasons is what one would see.
    private const int Least = 100_000;

    /// <summary>Measures.</summary>
    public static IEnumerable<BenchRow> Run(BenchOptions options, List<string> skipped)
    {
        var rows = new RowCollector(Name);
        int[] sizes = [.. options.Sizes.Where(s => s >= Least)];
        if (sizes.Length == 0) sizes = [options.Sizes.Max()];
        IForwardingPath[] paths = [new NftablesPath(), .. Subjects.NetVsByNat(options).Where(p => p.Variant.IsXdp)];
        var turns = new Turns(Name, options, skipped);
        using BenchNetwork network = BenchNetwork.Create();
        network.SetFrontGro(true);
        using var bench = new PacketBench(network);
        for (int repetition = 0; repetition < options.Repetitions; repetition++)
        {
            foreach (int connections in sizes)
            {
                string load = BenchText.Count(connections, "connection");
                foreach (IForwardingPath path in paths) turns.Take(repetition, load, path.Name, () => Measure(network, bench, path, connections, load, rows));
            }
        }

        return rows.Rows();
    }

    private static void Measure(BenchNetwork network, PacketBench bench, IForwardingPath path, int connections, string load, RowCollector rows)
    {
        using RunningPath running = path.Begin(network, PathLoad.Datagrams(connections));
        MemoryUse before = MemoryUse.Read(running.Process?.Id);
        bench.Establish(path, running, connections);
        MemoryUse after = MemoryUse.Read(running.Process?.Id);
        if (running.Process is null)
        {
            double? slab = after.TrackingSlab - before.TrackingSlab;
            if (slab is > 0) Add("nf_conntrack slab", slab.Value);
            rows.Add(Metrics.OctetsPerConnection, load, Tracking, (after.AllSlabs - before.AllSlabs) / connections);
            return;
        }

        if (running.ReadConnections?.Invoke() is { } known && known < connections)
            throw new BenchException($"the daemon knows {known.ToString(CultureInfo.InvariantCulture)} connections of {connections}");
        rows.Add(Metrics.FixedMemory, load, $"{path.Name}: process", before.Process / 1048576);
        rows.Add(Metrics.FixedMemory, load, $"{path.Name}: eBPF maps", before.Maps / 1048576);
        Add("process, what it grew by", after.Process - before.Process);
        Add("process, all of it", after.Process);
        Add("eBPF maps, all of them", after.Maps);

        void Add(string what, double octets) => rows.Add(Metrics.OctetsPerConnection, load, $"{path.Name}: {what}", octets / connections);
    }
}
