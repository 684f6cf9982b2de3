using NetVS.Director.Statistics;
using NetVS.Rules.Listing;

namespace NetVS.Api.Contract;

/// <summary>Ten counters and rates, in packets, IP octets and per second (reference §15).</summary>
internal sealed record StatisticsBody(
    ulong Connections, ulong InboundPackets, ulong OutboundPackets, ulong InboundBytes, ulong OutboundBytes,
    ulong ConnectionsPerSecond, ulong InboundPacketsPerSecond, ulong OutboundPacketsPerSecond,
    ulong InboundBytesPerSecond, ulong OutboundBytesPerSecond)
{
    public static StatisticsBody Of(StatisticsView v) => new(
        v.Connections, v.InboundPackets, v.OutboundPackets, v.InboundBytes, v.OutboundBytes, v.ConnectionsPerSecond,
        v.InboundPacketsPerSecond, v.OutboundPacketsPerSecond, v.InboundBytesPerSecond, v.OutboundBytesPerSecond);

    public StatisticsListing ToListing() => new(
        Connections, InboundPackets, OutboundPackets, InboundBytes, OutboundBytes, ConnectionsPerSecond,
        InboundPacketsPerSecond, OutboundPacketsPerSecond, InboundBytesPerSecond, OutboundBytesPerSecond);
}
