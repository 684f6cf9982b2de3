namespace NetVS.Rules.Listing;

/// <summary>The ten numbers of a service, a destination or the whole director, as a listing shows them (reference §15).</summary>
/// <param name="Connections">Connections scheduled.</param>
/// <param name="InboundPackets">Packets from clients.</param>
/// <param name="OutboundPackets">Packets from real servers that passed the director.</param>
/// <param name="InboundBytes">IP octets from clients.</param>
/// <param name="OutboundBytes">IP octets from real servers.</param>
/// <param name="ConnectionsPerSecond">CPS.</param>
/// <param name="InboundPacketsPerSecond">InPPS.</param>
/// <param name="OutboundPacketsPerSecond">OutPPS.</param>
/// <param name="InboundBytesPerSecond">InBPS.</param>
/// <param name="OutboundBytesPerSecond">OutBPS.</param>
public sealed record StatisticsListing(
    ulong Connections, ulong InboundPackets, ulong OutboundPackets, ulong InboundBytes, ulong OutboundBytes,
    ulong ConnectionsPerSecond, ulong InboundPacketsPerSecond, ulong OutboundPacketsPerSecond,
    ulong InboundBytesPerSecond, ulong OutboundBytesPerSecond)
{
    /// <summary>All zero.</summary>
    public static StatisticsListing Zero { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
