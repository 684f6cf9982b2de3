using NetVS.Director.Network;
using NetVS.Memory;
using NetVS.Packets;

namespace NetVS.Director.Offload;

/// <summary>The director's side of the fast path, as a whole: the tables, the next hops, the counters, the sign of life.</summary>
/// <remarks>Threads: the members that are not about one worker may be used from any.</remarks>
public sealed class DirectorOffload
{
    /// <summary>Workers and handles beyond these do not fit into a line's connection word.</summary>
    internal const int MaxWorkers = 256;

    /// <summary>The highest handle that fits.</summary>
    internal const int MaxHandle = (1 << 24) - 1;

    private readonly NativeArray<FlowConfig> _config;
    private readonly HopMirror _hops;
    private readonly OffloadTally[] _tallies;

    /// <summary>Takes the memory into use: next hops are written at once, lines as connections are worth them.</summary>
    internal DirectorOffload(FlowMemory memory, NextHopTable nextHops, int workers)
    {
        _config = memory.Config;
        LinesV4 = new FlowLines<FlowLayoutV4, FlowLineV4, Ipv4Address>(memory.LinesV4, memory.Config);
        LinesV6 = new FlowLines<FlowLayoutV6, FlowLineV6, Ipv6Address>(memory.LinesV6, memory.Config);
        Counters = new FlowCounters(memory.Counters, (int)memory.Config[0].CounterSlots);
        Rings = memory.Rings;
        _tallies = new OffloadTally[workers];
        for (int i = 0; i < workers; i++) _tallies[i] = new OffloadTally();
        _hops = new HopMirror(memory.Hops);
        nextHops.Attach(_hops);
    }

    /// <summary>The flow table of IPv4. Enumerate it with <c>TryRead</c> up to its length; lines carry what adoption needs.</summary>
    internal FlowTable<Ipv4Address> LinesV4 { get; }

    /// <summary>The flow table of IPv6.</summary>
    internal FlowTable<Ipv6Address> LinesV6 { get; }

    /// <summary>What the program counts.</summary>
    internal FlowCounters Counters { get; }

    /// <summary>The rings of reports, by worker.</summary>
    internal IReadOnlyList<FlowRing> Rings { get; }

    /// <summary>Next hops with an id from here on are not used by flows.</summary>
    internal int HopLimit => Math.Min(_hops.Length, ushort.MaxValue + 1);

    /// <summary>The numbers for <c>netvs status</c>. Thread: any.</summary>
    public OffloadStatus Status => new(
        LinesV4.Count, LinesV4.Length, LinesV6.Count, LinesV6.Length, Sum(OffloadCount.Installs), Sum(OffloadCount.Removals),
        Sum(OffloadCount.RefusedFull), Sum(OffloadCount.RefusedTwin), Sum(OffloadCount.Unsuitable), Sum(OffloadCount.Rewrites), Sum(OffloadCount.Reports),
        Sum(OffloadCount.StaleReports), Sum(OffloadCount.Resyncs), Sum(OffloadCount.Adoptions));

    /// <summary>Says which devices send frames that XDP redirects to them; flows by others leave through the director or tc.</summary>
    public void SetXdpInterfaces(IEnumerable<int> indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        _hops.SetXdpInterfaces(indices);
    }

    /// <summary>Tells the program that the director lives. <see cref="DirectorEngine.Tick"/> does it.</summary>
    public void Heartbeat(MonotonicTime now) => Volatile.Write(ref _config[0].Heartbeat, FlowTick.Of(now));

    /// <summary>What a worker counts.</summary>
    internal OffloadTally TallyOf(int worker) => _tallies[worker];

    private long Sum(OffloadCount counted)
    {
        long sum = 0;
        foreach (OffloadTally tally in _tallies) sum += tally.Read(counted);
        return sum;
    }
}
