// RFC 9293 §3.10.7.4 (an unacceptable segment is answered by the numbers expected), RFC 5961 §3.2 (only a reset with exactly the expected number is
// accepted).

using System.Diagnostics;
using System.Runtime.CompilerServices;
using NetVS.Director.Connections;
using NetVS.Director.Network;
using NetVS.Director.Protocols;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>The end of a TCP connection of a service that says <c>--reset</c>: both ends are reset.</content>
/// <remarks>
/// <para>A reset must say exactly the number its receiver expects, and the director knows no numbers: the fast path forwards packets without
/// a word of them. So when a connection's time is up, or its server was removed, the ends are asked: they get a bare acknowledgment with a number
/// that lies anywhere, nearly always outside their window, and answer it with what they have sent and what they expect. One answer is enough for both ends, for
/// a connection that is idle: what its sender expects next is the number of the reset to it, and what it would send next that of the reset to the other.
/// Any other segment that comes meanwhile says the same, and is answered in the same way.</para>
/// <para>A number inside the window is no fault, but says nothing: the second question, half of all numbers away from the first, is outside then.
/// Who does not answer within two times two seconds is not reset: the connection ends as it would have without the option.</para>
/// <para>What was already ended is answered when it talks, by the number that its own segment acknowledges.</para>
/// </remarks>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    // Seconds until an end is asked again, and until it is given up.
    private const uint ProbeTimeout = 2;
    private const uint FarAway = 0x8000_0000;

    // So many connections are asked in a second; the others wait.
    private const int ProbesPerSecond = 20_000;

    private MonotonicTime _probingSince;
    private int _probesOfSecond;

    /// <summary>Whether a connection is to be ended because its destination is deleted or drained, as the settings and its service want it.</summary>
    private bool IsUnwanted(in Connection<TAddress> connection, Destination destination) =>
        destination.EndsConnections(connection.Protocol) ||
        (!destination.IsAvailable && (_settings.ExpireNodestConn || (connection.Protocol == IpProtocol.Tcp && destination.Service.Rule.Options.Resets)));

    /// <summary>Asks the ends of a connection that would end now, if they are to be reset and were not asked twice already.</summary>
    /// <returns>False where the connection is to end without more ado.</returns>
    private bool TryProbe(int handle, ref Connection<TAddress> connection, MonotonicTime now)
    {
        // What another director forwards is not this one's to reset.
        const ConnectionFlags NotAsked = ConnectionFlags.ProbedAgain | ConnectionFlags.Helped | ConnectionFlags.Learned;
        if (connection.Protocol != IpProtocol.Tcp || (connection.Flags & NotAsked) != 0) return false;
        if (!_destinations[connection.DestinationIndex].Service.Rule.Options.Resets || !MayHang((TcpState)connection.State)) return false;
        if ((connection.Flags & ConnectionFlags.HasFlow) != 0) RetireFlow(handle, ref connection, now);
        bool isAgain = (connection.Flags & ConnectionFlags.Probed) != 0;

        // From now on any segment is its last, even if nobody is asked yet.
        connection.Flags |= ConnectionFlags.Probed;
        if (!MayProbe(now)) return true;
        uint number = unchecked((uint)(_connections.HashOf(connection.Protocol, connection.Client, connection.ClientPort) >> 7));
        if (isAgain)
        {
            number ^= FarAway;
            connection.Flags |= ConnectionFlags.ProbedAgain;
        }

        _worker.Count(ForwardingEvent.ProbeSent);
        SendToClient(ref connection, number, number, TcpFlags.Ack, now);

        // By DR and TUN the server's answer would go past the director: the client's says all.
        if (connection.Method is ForwardingMethod.Nat or ForwardingMethod.FullNat) SendToReal(ref connection, number, number, TcpFlags.Ack, now);
        return true;
    }

    /// <summary>A segment of a connection that is over: its sender is reset by what it acknowledges, the other end by its number.</summary>
    /// <param name="handle">The connection, which ends.</param>
    /// <param name="packet">The segment.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="isReply">Whether it comes from the real server.</param>
    /// <param name="now">The time.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private Verdict ResetBoth(int handle, ref Packet packet, in PacketShape shape, bool isReply, MonotonicTime now)
    {
        if (!TryReadSegment(in packet, in shape, out TcpSegmentNumbers<TAddress> segment)) return _worker.Drop(ref packet, DropReason.ConnectionReset);
        ref Connection<TAddress> connection = ref _connections[handle];
        if (isReply) SendToClient(ref connection, segment.Sequence, 0, TcpFlags.Rst, now);
        else SendToReal(ref connection, segment.Sequence, 0, TcpFlags.Rst, now);
        _worker.Count(ForwardingEvent.ResetSent);
        Destination destination = _destinations[connection.DestinationIndex];
        End(handle, now, isForced: IsUnwanted(in connection, destination));
        return RefuseByReset(ref packet, in shape, DropReason.ConnectionReset, now);
    }

    /// <summary>Whether a segment is answered by <see cref="ResetBoth"/>: any but one that opens or resets.</summary>
    private static bool SaysNumbers(in FlowEnds<TAddress> ends) =>
        ends.HasL4 && ends.Protocol == IpProtocol.Tcp && (ends.Flags & (TcpFlags.Syn | TcpFlags.Rst | TcpFlags.Ack)) == TcpFlags.Ack;

    /// <summary>A segment to a VIP that neither belongs to a connection nor may begin one: answered by a reset where the service says so.</summary>
    private Verdict AnswerStray(ServiceTable table, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now)
    {
        if (packet.ReceiveInterface == Packet.FromStack || !SaysNumbers(in ends)) return PassOn(ref packet, in shape, now);
        uint mark = packet.Mark != 0 ? packet.Mark : TFamily.MarkOf(table, ends.Protocol, ends.Destination, ends.DestinationPort);
        return TFamily.TryFindService(table, ends.Protocol, ends.Destination, ends.DestinationPort, mark, out VirtualServiceState? service) && service!.Rule.Options.Resets
            ? RefuseByReset(ref packet, in shape, DropReason.ConnectionReset, now)
            : PassOn(ref packet, in shape, now);
    }

    private bool MayProbe(MonotonicTime now)
    {
        if (now - _probingSince >= TimeSpan.FromSeconds(1)) (_probingSince, _probesOfSecond) = (now, 0);
        return _probesOfSecond++ < ProbesPerSecond;
    }

    // In the other states nobody waits for anything but a last acknowledgment, or the connection has not begun.
    private static bool MayHang(TcpState state) => state is TcpState.Established or TcpState.FinWait or TcpState.CloseWait;

    private void SendToClient(ref Connection<TAddress> connection, uint number, uint acknowledgment, TcpFlags flags, MonotonicTime now)
    {
        int hop = HopOutbound(ref connection, out NextHop next);
        if (hop <= 0) return;
        Packet packet = WriteOwn(connection.Virtual, connection.VirtualPort, connection.Client, connection.ClientPort, number, acknowledgment, flags);
        Verdict verdict = SendWhole(hop, in next, ref packet, EthernetHeader.Size, packet.Length - EthernetHeader.Size, now);
        TryEmit(ref packet, verdict);
    }

    // As if the client had sent it: so it takes every method's way.
    private void SendToReal(ref Connection<TAddress> connection, uint number, uint acknowledgment, TcpFlags flags, MonotonicTime now)
    {
        Packet packet = WriteOwn(connection.Client, connection.ClientPort, connection.Virtual, connection.VirtualPort, number, acknowledgment, flags);
        bool isRead = PacketShape.TryParse(packet.Frame, out PacketShape shape) & TryReadEnds(packet.Frame, in shape, out FlowEnds<TAddress> ends);
        Debug.Assert(isRead, "a segment of the director's own that it cannot read");
        Verdict verdict = Deliver(ref connection, ref packet, in shape, in ends, now);

        // With a reason, something else was put in its place, which is for nobody.
        if (packet.Reason == DropReason.None) TryEmit(ref packet, verdict);
    }

    private Packet WriteOwn(
        TAddress source, ushort sourcePort, TAddress target, ushort targetPort, uint number, uint acknowledgment, TcpFlags flags)
    {
        var packet = new Packet
        {
            Buffer = _worker.Pieces.Segment,
            Offset = Packet.Headroom,
            Length = EthernetHeader.Size + TFamily.HeaderSize + TcpHeader.Size,
            ReceiveInterface = Packet.FromStack,
        };
        Span<byte> frame = packet.Frame;
        frame[..EthernetHeader.Size].Clear();
        WireView.At<EthernetHeader>(frame, 0).EtherType.Host = TFamily.EtherType;
        WriteBareSegment(frame[EthernetHeader.Size..], source, sourcePort, target, targetPort, number, acknowledgment, flags);
        return packet;
    }
}
