using NetVS.Memory;

namespace NetVS.Director.Offload;

/// <summary>The memory that the director shares with the fast path: the arrays of bpf/flow.h and the rings it reports by.</summary>
/// <remarks>Whoever provides it keeps it mapped until the director and its workers are disposed of.</remarks>
public sealed class FlowMemory
{
    /// <summary>Puts the parts together.</summary>
    internal FlowMemory(
        NativeArray<FlowLineV4> linesV4, NativeArray<FlowLineV6> linesV6, NativeArray<FlowHop> hops, NativeArray<FlowCounter> counters,
        NativeArray<FlowConfig> config, IReadOnlyList<FlowRing> rings)
    {
        LinesV4 = linesV4;
        LinesV6 = linesV6;
        Hops = hops;
        Counters = counters;
        Config = config;
        Rings = rings;
    }

    /// <summary>
    /// The first id for the next hops of a director that begins on this memory: its predecessor's flows name ids of theirs until they are adopted, so
    /// that two directors in a row use different halves of the ids.
    /// </summary>
    public int NextFirstHop => Config[0].FirstHop == 1 ? Hops.Length / 2 : 1;

    /// <summary>From here on flows name next hops from <see cref="NextFirstHop"/> on. Just before the first one does.</summary>
    public void TakeFirstHop() => Config[0].FirstHop = (uint)NextFirstHop;

    /// <summary>The IPv4 lines, bucket after bucket: a power of two times <see cref="FlowAbi.Ways"/>.</summary>
    internal NativeArray<FlowLineV4> LinesV4 { get; }

    /// <summary>The IPv6 lines.</summary>
    internal NativeArray<FlowLineV6> LinesV6 { get; }

    /// <summary>Next hops by the next-hop table's id.</summary>
    internal NativeArray<FlowHop> Hops { get; }

    /// <summary>Counters: <see cref="FlowConfig.CounterSlots"/> for each possible CPU.</summary>
    internal NativeArray<FlowCounter> Counters { get; }

    /// <summary>One entry.</summary>
    internal NativeArray<FlowConfig> Config { get; }

    /// <summary>One ring per worker, by its index; empty where nothing reports.</summary>
    internal IReadOnlyList<FlowRing> Rings { get; }
}
