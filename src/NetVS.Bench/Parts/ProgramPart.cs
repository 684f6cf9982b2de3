using System.Text.Json;
using NetVS.Bench.Paths;
using NetVS.Bench.Wires;
using NetVS.Linux.Bpf;

namespace NetVS.Bench.Parts;

/// <summary>What the daemon's own XDP program costs for a packet of a known flow, by the kernel's test-run.</summary>
/// <remarks>
/// The daemon runs, the flows are made known to it by real packets, and the program it attached is then measured with its own maps: nothing
/// stands in for anything.
/// </remarks>
internal static class ProgramPart
{
    /// <summary>Its name.</summary>
    public const string Name = "program";

    /// <summary>Flows that are measured besides those asked for: where the table outgrows a second-level cache.</summary>
    public const int MiddleSize = 16_384;

    /// <summary>Measures.</summary>
    public static IEnumerable<BenchRow> Run(BenchOptions options, List<string> skipped)
    {
        var rows = new RowCollector(Name);
        var turns = new Turns(Name, options, skipped);
        var program = new NetVsProgram(options.Program);
        NetVsVariant[] variants = [.. NetVsVariant.Choose(options.Variants, program).Where(v => v.IsXdp && v.IsFast)];
        NetVsMethod[] methods = [NetVsMethod.Nat, NetVsMethod.DirectRouting, NetVsMethod.Tunnel, NetVsMethod.FullNat];
        int[] sizes = options.Sizes.Max() > MiddleSize ? [.. options.Sizes.Append(MiddleSize).Distinct().Order()] : [.. options.Sizes];
        using BenchNetwork network = BenchNetwork.Create();
        network.SetFrontGro(true);
        using var bench = new PacketBench(network);
        using var measurement = new ProgramMeasurement(network.Director, PacketBench.IndexOf(network.Director, "d0"));
        for (int repetition = 0; repetition < options.Repetitions; repetition++)
        {
            foreach (int flows in sizes)
            {
                foreach (NetVsPath path in variants.SelectMany(v => methods.Select(m => new NetVsPath(program, v, m))))
                {
                    string load = BenchText.Count(flows, "flow");
                    turns.Take(repetition, load, path.Name, () =>
                    {
                        using RunningPath running = path.Begin(network, PathLoad.Datagrams(flows));
                        bench.Establish(path, running, flows);
                        using BpfProgram attached = Find(network);
                        rows.Add(Metrics.ProgramTime, load, path.Name, measurement.Measure(attached, path.Target, flows, options.Duration / 2));
                    });
                }
            }
        }

        return rows.Rows();
    }

    private static BpfProgram Find(BenchNetwork network)
    {
        using JsonDocument links = JsonDocument.Parse(Tool.Run("ip", ["-n", network.Director.Name, "-j", "link", "show", "dev", "d0"]));
        return links.RootElement[0].TryGetProperty("xdp", out JsonElement xdp) && xdp.TryGetProperty("prog", out JsonElement program)
            && BpfProgram.TryFromId(program.GetProperty("id").GetUInt32()) is { } found
            ? found
            : throw new BenchException("the daemon has attached no XDP program");
    }
}
