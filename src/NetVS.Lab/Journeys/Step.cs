using NetVS.Packets.Headers;

namespace NetVS.Lab.Journeys;

/// <summary>The packets of a connection that the labs follow, in their order.</summary>
/// <param name="Name">As the report calls it.</param>
/// <param name="IsInbound">From the client; else to it.</param>
/// <param name="Matches">Whether a captured packet is this one, by flags and payload.</param>
internal sealed record Step(string Name, bool IsInbound, Func<WirePacket, bool> Matches)
{
    private const TcpFlags Kind = TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Rst;

    /// <summary>The handshake, the request and the answer.</summary>
    public static IReadOnlyList<Step> All { get; } =
    [
        new("SYN", true, p => (p.Flags & (Kind | TcpFlags.Ack)) == TcpFlags.Syn),
        new("SYN+ACK", false, p => (p.Flags & (Kind | TcpFlags.Ack)) == (TcpFlags.Syn | TcpFlags.Ack)),
        new("ACK", true, p => (p.Flags & Kind) == 0 && p.PayloadLength == 0),
        new("request", true, p => (p.Flags & Kind) == 0 && p.PayloadLength > 0),
        new("answer", false, p => (p.Flags & Kind) == 0 && p.PayloadLength > 0),
    ];
}
