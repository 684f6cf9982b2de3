// Reference §10.1, §10.2.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NetVS.Director.Connections;
using NetVS.Director.FullNat;
using NetVS.Director.Helpers;
using NetVS.Director.Network;
using NetVS.Director.Protocols;
using NetVS.Director.Services;
using NetVS.Director.Synchronisation;
using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>Control connections that a helper reads, and the data connections they announce.</content>
/// <remarks>
/// <para>A control connection is never in the flow table; a data connection is one like any other once it has begun. Nothing of this runs for packets of
/// connections without <see cref="ConnectionFlags.Helped"/>.</para>
/// <para>A segment of a control connection: its checksum is verified, since its text will be believed and perhaps get a new one; its numbers are shifted
/// by what was replaced before; then its lines are read. A line of the client's may be put together of several segments, for nothing in it changes. A
/// line of the real server's in which something changes must be in one segment.</para>
/// </remarks>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    /// <summary>Makes the session of a new connection, if it is one that a helper reads.</summary>
    /// <returns>False when there is no room for it.</returns>
    private bool TryBindHelper(int handle)
    {
        ref Connection<TAddress> connection = ref _connections[handle];
        if (connection.Method != ForwardingMethod.Nat) return true;
        byte helper = HelperTable.Find(_settings, connection.Protocol, connection.VirtualPort);
        if (helper == 0) return true;
        if (!_sessions.TryBegin(helper, connection.VirtualPort, connection.ClientPort, out int slot)) return false;
        connection.HelperSlot = slot;
        connection.Flags |= ConnectionFlags.Helped;
        return true;
    }

    /// <summary>A control or data connection ends.</summary>
    private void ReleaseHelper(in Connection<TAddress> connection)
    {
        if ((connection.Flags & ConnectionFlags.Helped) != 0) _sessions.EndControl(connection.HelperSlot);
        else _sessions.Release(connection.HelperSlot);
    }

    /// <summary>Whether data connections keep a control connection.</summary>
    private bool ControlsOthers(in Connection<TAddress> connection) =>
        (connection.Flags & ConnectionFlags.Helped) != 0 && _sessions.IsHeld(connection.HelperSlot);

    /// <summary>Whether another connection controls this one: a template, or the control connection that announced it.</summary>
    private static bool IsControlled(in Connection<TAddress> connection) =>
        connection.Controller != 0 || (connection.HelperSlot != 0 && (connection.Flags & ConnectionFlags.Helped) == 0);

    /// <summary>Makes a connection of an expected one whose first packet this is, and forwards the packet.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryBeginExpected(ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now, out Verdict verdict)
    {
        verdict = default;
        if (!ends.IsOpening || (ends.Flags & (TcpFlags.Rst | TcpFlags.Ack)) != 0 || ends.Protocol != IpProtocol.Tcp) return false;
        bool isFull = IsTableFull();
        if (_expectations.TryTakeFromClient(ends.Source, ends.Destination, ends.DestinationPort, out Connection<TAddress> expected))
        {
            verdict = TryBeginData(in expected, ends.SourcePort, expected.RealPort, now, out int handle)
                ? ForwardInbound(handle, ref packet, in shape, in ends, now)
                : _worker.Drop(ref packet, isFull ? DropReason.TableFull : DropReason.ClientEndFull);
            return true;
        }

        if (!_expectations.TryTakeFromServer(ends.Destination, ends.DestinationPort, ends.Source, out expected)) return false;
        verdict = TryBeginData(in expected, ends.DestinationPort, ends.SourcePort, now, out int reply)
            ? ForwardOutbound(reply, ref packet, in shape, in ends, now)
            : _worker.Drop(ref packet, isFull ? DropReason.TableFull : DropReason.ClientEndFull);
        return true;
    }

    private bool TryBeginData(in Connection<TAddress> expected, ushort clientPort, ushort realPort, MonotonicTime now, out int handle)
    {
        var key = new ConnectionKey<TAddress>(expected.Protocol, expected.Client, clientPort, expected.Virtual, expected.VirtualPort);

        // The client's port and the server's have been used before, and one of them begins anew.
        int former = _connections.FindInbound(key.Protocol, key.Client, key.ClientPort, key.Virtual, key.VirtualPort);
        if (former != 0) End(former, now);
        var target = new ConnectionTarget<TAddress>(ForwardingMethod.Nat, expected.Real, realPort, expected.DestinationIndex);
        if (!_connections.TryCreate(in key, in target, now, out handle))
        {
            _destinations[expected.DestinationIndex].Unbind(isTemplate: false, wasActive: false);
            _sessions.Release(expected.HelperSlot);
            return false;
        }

        ref Connection<TAddress> connection = ref _connections[handle];
        connection.State = (byte)TcpState.Listen;
        connection.HelperSlot = expected.HelperSlot;
        connection.Mark = expected.Mark;
        _worker.Count(ForwardingEvent.DataBegan);
        return true;
    }

    private Verdict DeliverHelped(
        ref Connection<TAddress> connection, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now)
    {
        if (!ends.HasL4) return DeliverByNat(ref connection, ref packet, in shape, in ends, now);
        Span<byte> frame = packet.Frame;
        if (IsDamaged(frame, in packet, in shape)) return _worker.Drop(ref packet, DropReason.BadHelpedChecksum);
        ref HelperSession session = ref _sessions[connection.HelperSlot];
        Span<byte> l4 = frame.Slice(shape.L4Offset, shape.L4Length);
        ref TcpHeader tcp = ref MemoryMarshal.AsRef<TcpHeader>(l4);
        uint sequence = tcp.Sequence.Host;
        if (ends.IsOpening) session.Restart(unchecked(sequence + 1));
        ShiftNumbers(ref tcp, l4, in packet, in shape, ref session.Inbound, in session.Outbound);
        if (HasText(in connection, in tcp, in shape, l4.Length))
        {
            DropReason reason = ReadRequests(ref connection, ref session, sequence, l4[tcp.HeaderLength..], now);
            if (reason != DropReason.None) return _worker.Drop(ref packet, reason);
        }

        return DeliverByNat(ref connection, ref packet, in shape, in ends, now);
    }

    private Verdict ReturnHelped(
        ref Connection<TAddress> connection, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now)
    {
        if (!ends.HasL4) return ReturnByNat(ref connection, ref packet, in shape, in ends, now);
        Span<byte> frame = packet.Frame;
        if (IsDamaged(frame, in packet, in shape)) return _worker.Drop(ref packet, DropReason.BadHelpedChecksum);
        ref HelperSession session = ref _sessions[connection.HelperSlot];
        Span<byte> l4 = frame.Slice(shape.L4Offset, shape.L4Length);
        ref TcpHeader tcp = ref MemoryMarshal.AsRef<TcpHeader>(l4);
        uint sequence = tcp.Sequence.Host;
        ShiftNumbers(ref tcp, l4, in packet, in shape, ref session.Outbound, in session.Inbound);
        if (!HasText(in connection, in tcp, in shape, l4.Length)) return ReturnByNat(ref connection, ref packet, in shape, in ends, now);
        PacketShape changed = shape;
        DropReason reason = ReadReplies(ref connection, ref session, sequence, tcp.HeaderLength, ref packet, ref changed, now);
        if (reason != DropReason.None) return _worker.Drop(ref packet, reason);
        if (changed.IpLength != shape.IpLength) _counters.CorrectOutbound(_destinations[connection.DestinationIndex], changed.IpLength - shape.IpLength);
        if (changed.IpLength > shape.IpLength && packet.Offload.Gso == GsoKind.None && HopOutbound(ref connection, out _) > 0 && changed.IpLength > connection.IpMtuOutbound)
            LeaveSegmentation(ref packet, in changed, connection.IpMtuOutbound);
        return ReturnByNat(ref connection, ref packet, in changed, in ends, now);
    }

    // Of a fragment the rest is not here, and an unfinished checksum is nobody's yet.
    private static bool IsDamaged(ReadOnlySpan<byte> frame, in Packet packet, in PacketShape shape) =>
        !packet.Offload.NeedsChecksum && !shape.IsFragment && !L4Checksum.Verify(frame, in shape);

    private static bool HasText(in Connection<TAddress> connection, in TcpHeader tcp, in PacketShape shape, int octets) =>
        (TcpState)connection.State == TcpState.Established && octets > tcp.HeaderLength && !shape.IsFragment;

    /// <summary>Shifts the sequence number by what was replaced in its direction, acknowledgment and SACK by what was in the other.</summary>
    private static void ShiftNumbers(
        ref TcpHeader tcp, Span<byte> l4, in Packet packet, in PacketShape shape, ref SequenceShifts own, in SequenceShifts other)
    {
        if (own.IsNothing && other.IsNothing) return;
        uint sequence = tcp.Sequence.Host, acknowledgment = tcp.Acknowledgment.Host;
        own.ForgetBefore(sequence);
        tcp.Sequence.Host = unchecked(sequence + own.DeltaAt(sequence));
        var delta = ChecksumDelta.Replace(sequence, tcp.Sequence.Host);
        if ((tcp.Flags & TcpFlags.Ack) != 0)
        {
            tcp.Acknowledgment.Host = other.Undo(acknowledgment);
            delta += ChecksumDelta.Replace(acknowledgment, tcp.Acknowledgment.Host);
        }

        int headerLength = tcp.HeaderLength;
        if (!other.IsNothing && headerLength > TcpHeader.Size && headerLength <= l4.Length)
        {
            Span<byte> options = l4[TcpHeader.Size..headerLength];
            ushort before = InternetChecksum.Sum(options);
            if (TcpOptionEditing.TryUndoSack(options, in other)) delta += ChecksumDelta.Remove(before) + ChecksumDelta.Insert(InternetChecksum.Sum(options));
        }

        L4Checksum.Replace(ref tcp.Checksum, in packet.Offload, ChecksumDelta.None, delta);
    }

    private DropReason ReadRequests(
        ref Connection<TAddress> connection, ref HelperSession session, uint sequence, ReadOnlySpan<byte> text, MonotonicTime now)
    {
        IApplicationHelper helper = HelperTable.Get(session.Helper);
        HelperEnds ends = EndsOf(in connection);
        Span<byte> room = stackalloc byte[HelperOrder.MostText];
        ReadOnlySpan<byte> left = session.Requests.TakeNew(sequence, text);
        while (session.Requests.TryTakeLine(ref left, out ReadOnlySpan<byte> line))
        {
            var order = new HelperOrder(room);
            helper.ReadRequest(ref session, in ends, line, ref order);
            if (!TryObey(ref connection, in order, now)) return DropReason.ExpectationsFull;
        }

        return DropReason.None;
    }

    /// <summary>Reads the lines of a reply and replaces what must be.</summary>
    private DropReason ReadReplies(
        ref Connection<TAddress> connection, ref HelperSession session, uint sequence, int headerLength, ref Packet packet, ref PacketShape shape,
        MonotonicTime now)
    {
        IApplicationHelper helper = HelperTable.Get(session.Helper);
        HelperEnds ends = EndsOf(in connection);
        Span<byte> room = stackalloc byte[HelperOrder.MostText];
        int begin = shape.L4Offset + headerLength, grown = 0, replaced = 0;
        int octets = shape.FrameLength - begin, segmentLength = shape.L4Length;
        for (int at = begin; at < shape.FrameLength;)
        {
            ReadOnlySpan<byte> line = packet.Frame[at..shape.FrameLength];
            int feed = line.IndexOf((byte)'\n');
            if (feed >= 0) line = line[..(feed + 1)];
            int next = at + line.Length;
            var order = new HelperOrder(room);
            helper.ReadReply(ref session, in ends, line, ref order);
            if (order.ReplacedOctets > 0)
            {
                int place = at + order.ReplacedAt, growth = order.TextLength - order.ReplacedOctets;
                uint end = unchecked(sequence + (uint)(place + order.ReplacedOctets - begin - grown));
                bool isKnown = session.Outbound.TryFind(end, out uint known);
                if (isKnown ? known != unchecked((uint)growth) : !session.Outbound.TryAdd(end, order.ReplacedOctets, growth)) return DropReason.HelperConflict;
                if (!TryReplace(ref packet, ref shape, place, order.ReplacedOctets, order.Text)) return DropReason.NoFrameRoom;
                grown += growth;
                next += growth;
                replaced++;
            }

            if (!TryObey(ref connection, in order, now)) return DropReason.ExpectationsFull;
            at = next;
        }

        if (session.Outbound.CountWithin(sequence, octets) != replaced) return DropReason.HelperConflict;
        if (replaced == 0) return DropReason.None;
        TFamily.RewriteLength(packet.Frame[shape.IpOffset..], shape.IpLength);
        if (!packet.Offload.NeedsChecksum) L4Checksum.WriteComplete(packet.Frame, in shape);
        else L4Checksum.Replace(ref WireView.At<TcpHeader>(packet.Frame, shape.L4Offset).Checksum, in packet.Offload, ChecksumDelta.Replace((uint)segmentLength, (uint)shape.L4Length), ChecksumDelta.None);
        _worker.Count(ForwardingEvent.TextReplaced);
        NoteShifts(ref connection, in session);
        connection.SyncMark = SyncPolicy.Forgotten(connection.SyncMark);
        return DropReason.None;
    }

    private static void NoteShifts(ref Connection<TAddress> connection, in HelperSession session)
    {
        connection.Flags &= ~(ConnectionFlags.InboundSequence | ConnectionFlags.OutboundSequence);
        if (!session.Inbound.IsNothing) connection.Flags |= ConnectionFlags.InboundSequence;
        if (!session.Outbound.IsNothing) connection.Flags |= ConnectionFlags.OutboundSequence;
    }

    private bool TryObey(ref Connection<TAddress> connection, in HelperOrder order, MonotonicTime now)
    {
        if (order.IsRefused) _worker.Count(ForwardingEvent.DataRefused);
        if (order.Expected == ExpectationKind.None) return true;
        if (!_expectations.TryExpect(order.Expected, order.ClientPort, in connection, order.VirtualPort, order.RealPort, now)) return false;
        TellOfAnnouncement(in connection, in order, now);
        _worker.Count(ForwardingEvent.DataExpected);
        return true;
    }

    private static HelperEnds EndsOf(in Connection<TAddress> connection) => new(
        new IpEndpoint(TFamily.ToIpAddress(connection.Client), connection.ClientPort),
        new IpEndpoint(TFamily.ToIpAddress(connection.Virtual), connection.VirtualPort),
        new IpEndpoint(TFamily.ToIpAddress(connection.Real), connection.RealPort));

    /// <summary>Puts a text in the place of another; what is in front of it moves by the difference. Lengths and checksums are the caller's.</summary>
    private static bool TryReplace(ref Packet packet, ref PacketShape shape, int at, int octets, scoped ReadOnlySpan<byte> text)
    {
        int growth = text.Length - octets;
        if (packet.Offset < growth || shape.IpLength + growth > ushort.MaxValue) return false;
        packet.Buffer.Slice(packet.Offset, at).CopyTo(packet.Buffer[(packet.Offset - growth)..]);
        packet.Offset -= growth;
        packet.Length += growth;
        text.CopyTo(packet.Frame[at..]);
        shape.IpLength += growth;
        shape.L4Length += growth;
        return true;
    }

    /// <summary>Makes an unsegmented frame of a segment that has grown beyond the IP MTU: whoever sends it cuts it.</summary>
    private static void LeaveSegmentation(ref Packet packet, in PacketShape shape, int ipMtu)
    {
        ref TcpHeader tcp = ref WireView.At<TcpHeader>(packet.Frame, shape.L4Offset);
        int headers = shape.L4Offset + tcp.HeaderLength, room = ipMtu - (headers - shape.IpOffset);
        if (room <= 0) return;
        if (!packet.Offload.NeedsChecksum)
        {
            packet.Offload.NeedsChecksum = true;
            packet.Offload.ChecksumStart = (ushort)shape.L4Offset;
            packet.Offload.ChecksumOffset = TcpHeader.ChecksumOffset;
            tcp.Checksum.Host = L4Checksum.PseudoHeaderSum(packet.Frame, in shape);
        }

        packet.Offload.Gso = TFamily.Family == IpFamily.V4 ? GsoKind.TcpV4 : GsoKind.TcpV6;
        packet.Offload.GsoSize = (ushort)room;
        packet.Offload.HeaderLength = (ushort)headers;
    }
}
