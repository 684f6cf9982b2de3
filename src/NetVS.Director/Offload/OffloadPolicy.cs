using NetVS.Director.Connections;
using NetVS.Director.FullNat;
using NetVS.Director.Protocols;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Offload;

/// <summary>When a connection is worth a place in the flow table, and when it no longer is.</summary>
/// <remarks>
/// <para>An installation costs the director about as much as forwarding two packets, and a line is room that others want. A packet that misses
/// costs a trip through user space: many times what the program needs. So the question is how likely further packets are, and how scarce room
/// is.</para>
/// <para>TCP by NAT, DR and TUN: a SYN that was scheduled is answered, and then at least three more segments follow. While the table is less than
/// half full, the flow is installed with the SYN, and the director never sees the rest but for reports. A flood of SYNs would fill the table so:
/// from half full on, a connection must have become ESTABLISHED. What closes (TIME_WAIT, CLOSE) is not installed; what is installed and closes
/// keeps its lines until it expires while there is room, since the last acknowledgement is often still on its way, and loses them at once from
/// half full on.</para>
/// <para>TCP by FULLNAT: the real server is told the client's address in an option (TOA) in every segment that acknowledges nothing of the real
/// server's data, by rule of DPVS. The program inserts no options. So a connection waits until a request has passed whose acknowledgment lies
/// beyond the real server's initial sequence number plus one: acknowledgments of one client only grow, hence every later segment goes without
/// the option in the director, too. A connection whose SYN and ACK was never seen gets no option at all and need not wait.</para>
/// <para>UDP by NAT and FULLNAT: a reply is likely, so the first datagram installs. By DR and TUN the reply goes past the director and one datagram may
/// be all: the second installs. From half full on, the second installs in any case.</para>
/// <para>SCTP: never. Its checksum is over the whole packet, and a program that rewrites a port would have to read all of it.</para>
/// <para>Nothing of this decides whether a connection <em>can</em> be offloaded: that is the forwarder's, which knows the ways.</para>
/// </remarks>
internal static class OffloadPolicy
{
    /// <summary>A connection that found no room asks again when so many more requests have passed; a power of two.</summary>
    public const uint RetryAfter = 64;

    /// <summary>Whether to install, a packet of the connection having been forwarded just now.</summary>
    /// <param name="connection">The connection after that packet.</param>
    /// <param name="isHalfFull">Whether room is scarce.</param>
    public static bool IsWorthIt<TAddress>(in Connection<TAddress> connection, bool isHalfFull)
        where TAddress : unmanaged
    {
        if (connection.Protocol == IpProtocol.Sctp) return false;
        if ((connection.Flags & ConnectionFlags.FlowRefused) != 0 && (connection.InPackets & (RetryAfter - 1)) != 0) return false;
        bool isFullNat = connection.Method == ForwardingMethod.FullNat;
        if (connection.Protocol == IpProtocol.Udp)
            return connection.InPackets >= 2 || (!isHalfFull && (isFullNat || connection.Method == ForwardingMethod.Nat));
        var state = (TcpState)connection.State;
        if (isFullNat) return state == TcpState.Established && NeedsNoClientAddress((FullNatFlags)connection.FullNatState);
        return isHalfFull ? state == TcpState.Established : !IsOver(state);
    }

    /// <summary>Whether to remove the lines of a connection that has just entered this state.</summary>
    public static bool IsDone(TcpState state, bool isHalfFull) => isHalfFull && IsOver(state);

    private static bool NeedsNoClientAddress(FullNatFlags flags) =>
        (flags & FullNatFlags.HasRealIsn) == 0 || (flags & FullNatFlags.HasAcknowledged) != 0;

    private static bool IsOver(TcpState state) => state is TcpState.TimeWait or TcpState.Close;
}
