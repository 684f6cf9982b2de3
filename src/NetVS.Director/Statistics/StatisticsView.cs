namespace NetVS.Director.Statistics;

/// <summary>The ten numbers IPVS keeps per service, destination and in total (reference §15).</summary>
/// <param name="Connections">Connections scheduled.</param>
/// <param name="InboundPackets">Packets from clients.</param>
/// <param name="OutboundPackets">Packets from real servers that passed the director.</param>
/// <param name="InboundBytes">IP octets from clients, as received.</param>
/// <param name="OutboundBytes">IP octets from real servers.</param>
/// <param name="ConnectionsPerSecond">CPS as shown.</param>
/// <param name="InboundPacketsPerSecond">InPPS as shown.</param>
/// <param name="OutboundPacketsPerSecond">OutPPS as shown.</param>
/// <param name="InboundBytesPerSecond">InBPS as shown.</param>
/// <param name="OutboundBytesPerSecond">OutBPS as shown.</param>
public sealed record StatisticsView(
    ulong Connections, ulong InboundPackets, ulong OutboundPackets, ulong InboundBytes, ulong OutboundBytes,
    ulong ConnectionsPerSecond, ulong InboundPacketsPerSecond, ulong OutboundPacketsPerSecond,
    ulong InboundBytesPerSecond, ulong OutboundBytesPerSecond);
