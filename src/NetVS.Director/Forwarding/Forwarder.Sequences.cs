// RFC 5927 §4.1 (ICMP errors and TCP's sequence numbers), RFC 9293 §3.4.

using NetVS.Director.Connections;
using NetVS.Director.FullNat;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>Whether the TCP segment that an ICMP error quotes can be one on its way (<c>icmp_seq_window</c>).</content>
/// <remarks>
/// <para>Who cannot see a connection's segments can guess its ends, but not where its sequence numbers are. So an error is believed if the number it quotes is
/// near the last one known of that direction: the last segment's that passed the director, or what its receiver has acknowledged, which is all there
/// is to see of a real server's numbers by DR and TUN.</para>
/// <para>In the fast path segments pass unseen, and the numbers here may be long past. An error that does not fit is dropped then, too; but the connection's lines
/// are taken back, so that its next segment is seen here. Who must hear of the error sends again what was lost, and the next error about it fits.</para>
/// <para>The numbers have no room of their own: but for FULLNAT <see cref="Connection{TAddress}.SequenceDelta"/> (client) and
/// <see cref="Connection{TAddress}.RealIsn"/> (real server) are free. FULLNAT needs the first, and the second until the client has acknowledged something: it
/// is as good as a last number until then. So of FULLNAT only errors about replies are checked, which are those that come from outside.</para>
/// </remarks>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    private const int SequenceOffset = 4;
    private const int OctetsPerKibi = 1024;

    /// <summary>Notes where the numbers of a TCP connection are. Only what has a place in the stream teaches: no RST.</summary>
    private static void NoteNumbers(ref Connection<TAddress> connection, ReadOnlySpan<byte> frame, in PacketShape shape, in FlowEnds<TAddress> ends, bool isReply)
    {
        if (ends.Protocol != IpProtocol.Tcp || !ends.HasL4 || (ends.Flags & TcpFlags.Rst) != 0) return;
        ref readonly TcpHeader tcp = ref WireView.ReadAt<TcpHeader>(frame, shape.L4Offset);
        var known = (FullNatFlags)connection.FullNatState;
        bool isFullNat = connection.Method == ForwardingMethod.FullNat;
        if (!isReply && !isFullNat)
        {
            connection.SequenceDelta = tcp.Sequence.Host;
            known |= FullNatFlags.HasClientNumber;
        }

        // Until the client has acknowledged data, FULLNAT still asks where the real server began.
        bool hasNumber = isReply || (ends.Flags & TcpFlags.Ack) != 0;
        if (hasNumber && (!isFullNat || (known & FullNatFlags.HasAcknowledged) != 0))
        {
            connection.RealIsn = isReply ? tcp.Sequence.Host : tcp.Acknowledgment.Host;
            known |= FullNatFlags.HasServerNumber;
        }

        connection.FullNatState = (byte)known;
    }

    /// <summary>Whether an error about a known connection may be believed; counts the drop and has the next segments seen where it may not.</summary>
    /// <param name="handle">The connection.</param>
    /// <param name="protocol">What the quoted packet is.</param>
    /// <param name="l4">Its L4 header as far as it is quoted: eight octets at least.</param>
    /// <param name="isReply">Whether the quoted packet came from the real server.</param>
    /// <param name="now">The time.</param>
    private bool IsOnItsWay(int handle, IpProtocol protocol, ReadOnlySpan<byte> l4, bool isReply, MonotonicTime now)
    {
        int window = _settings.IcmpSequenceWindow;
        if (window == 0 || protocol != IpProtocol.Tcp) return true;
        ref Connection<TAddress> connection = ref _connections[handle];

        // Of one that an error began (schedule_icmp) nothing has ever passed; FULLNAT's client numbers are not kept.
        bool isFullNat = connection.Method == ForwardingMethod.FullNat;
        if (connection.State == 0 || (isFullNat && !isReply)) return true;
        FullNatFlags needed = !isReply ? FullNatFlags.HasClientNumber : isFullNat ? FullNatFlags.HasServerNumber | FullNatFlags.HasRealIsn : FullNatFlags.HasServerNumber;
        if (((FullNatFlags)connection.FullNatState & needed) != 0)
        {
            long distance = unchecked((int)(WireView.ReadAt<U32Be>(l4, SequenceOffset).Host - (isReply ? connection.RealIsn : connection.SequenceDelta)));
            if (Math.Abs(distance) <= (long)window * OctetsPerKibi) return true;
        }

        if ((connection.Flags & ConnectionFlags.HasFlow) != 0) RetireFlow(handle, ref connection, now);
        return false;
    }

    /// <summary>The same for the packet inside one of the director's own tunnels. What is not TCP, or of no connection, cannot be asked about.</summary>
    private bool IsTunnelledOnItsWay(ReadOnlySpan<byte> octets, MonotonicTime now) =>
        !TryFindTunnelled(octets, out PacketShape inner, out int handle) || IsOnItsWay(handle, inner.Protocol, octets[inner.L4Offset..], isReply: false, now);
}
