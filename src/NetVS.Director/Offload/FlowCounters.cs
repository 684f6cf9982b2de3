using NetVS.Director.Statistics;
using NetVS.Memory;

namespace NetVS.Director.Offload;

/// <summary>What the fast path has counted for destinations, summed over the CPUs, and the word that withdraws a destination from it.</summary>
/// <remarks>
/// A destination's slot is its index; those with an index beyond the slots are never offloaded. Counts run up from whatever they were: whoever reads
/// takes differences. Threads: the program counts, each CPU in words of its own; control reads each word whole, and writes
/// <see cref="FlowCounter.Withdrawn"/>.
/// </remarks>
internal sealed class FlowCounters
{
    private readonly NativeArray<FlowCounter> _counters;
    private readonly int _cpus;

    /// <summary>The counters of a flow table.</summary>
    /// <param name="counters">One per slot and CPU.</param>
    /// <param name="slots">Slots of one CPU.</param>
    public FlowCounters(NativeArray<FlowCounter> counters, int slots)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slots);
        _counters = counters;
        Slots = slots;
        _cpus = counters.Length / slots;
    }

    /// <summary>How many destinations can be counted.</summary>
    public int Slots { get; }

    /// <summary>What was counted for a destination so far; connections are not counted here.</summary>
    public TrafficCounters Read(int destinationIndex)
    {
        if (destinationIndex >= Slots) return default;
        ulong inboundPackets = 0, inboundOctets = 0, outboundPackets = 0, outboundOctets = 0;
        for (int at = destinationIndex; at < _cpus * Slots; at += Slots)
        {
            ref FlowCounter counter = ref _counters[at];
            unchecked
            {
                inboundPackets += Volatile.Read(ref counter.InboundPackets);
                inboundOctets += Volatile.Read(ref counter.InboundOctets);
                outboundPackets += Volatile.Read(ref counter.OutboundPackets);
                outboundOctets += Volatile.Read(ref counter.OutboundOctets);
            }
        }

        return new TrafficCounters(0, inboundPackets, outboundPackets, inboundOctets, outboundOctets);
    }

    /// <summary>Says whether the packets of a destination's flows all go to the director.</summary>
    public void SetWithdrawn(int destinationIndex, bool isWithdrawn)
    {
        if (destinationIndex >= Slots) return;

        // Partner: the program, which asks before it forwards.
        for (int at = destinationIndex; at < _cpus * Slots; at += Slots) Volatile.Write(ref _counters[at].Withdrawn, isWithdrawn ? 1UL : 0);
    }
}
