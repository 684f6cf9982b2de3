namespace NetVS.Director.Statistics;

/// <summary>The five counters of reference §15, all running up from zero and wrapping at 2^64.</summary>
/// <param name="Connections">Connections scheduled.</param>
/// <param name="InboundPackets">Packets from clients.</param>
/// <param name="OutboundPackets">Packets from real servers.</param>
/// <param name="InboundBytes">IP octets from clients.</param>
/// <param name="OutboundBytes">IP octets from real servers.</param>
public readonly record struct TrafficCounters(
    ulong Connections, ulong InboundPackets, ulong OutboundPackets, ulong InboundBytes, ulong OutboundBytes)
{
    /// <summary>The sum, counter by counter.</summary>
    public static TrafficCounters operator +(TrafficCounters a, TrafficCounters b) => unchecked(new(
        a.Connections + b.Connections,
        a.InboundPackets + b.InboundPackets,
        a.OutboundPackets + b.OutboundPackets,
        a.InboundBytes + b.InboundBytes,
        a.OutboundBytes + b.OutboundBytes));

    /// <summary>What was counted since <paramref name="b"/>.</summary>
    public static TrafficCounters operator -(TrafficCounters a, TrafficCounters b) => unchecked(new(
        a.Connections - b.Connections,
        a.InboundPackets - b.InboundPackets,
        a.OutboundPackets - b.OutboundPackets,
        a.InboundBytes - b.InboundBytes,
        a.OutboundBytes - b.OutboundBytes));
}
