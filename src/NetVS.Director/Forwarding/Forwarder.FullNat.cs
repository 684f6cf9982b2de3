// Reference §11.1 to §11.3.

using System.Runtime.InteropServices;
using NetVS.Director.Connections;
using NetVS.Director.FullNat;
using NetVS.Director.Network;
using NetVS.Director.Protocols;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Sync;

namespace NetVS.Director.Forwarding;

/// <content>FULLNAT: both ends are rewritten, so a real server needs no route back through the director.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    /// <summary>Takes a port of one of the service's local addresses, each address in turn.</summary>
    private DropReason TryTakeLocalPort(
        VirtualServiceState service, IpProtocol protocol, TAddress real, ushort realPort, MonotonicTime now,
        out TAddress local, out ushort localPort)
    {
        IpAddress[] addresses = service.LocalAddresses;
        _localPorts.SetRange(_settings.FullNatPortMin, _settings.FullNatPortMax);
        uint turn = service.TakeLocalAddressTurn();
        var refusal = DropReason.NoLocalAddress;
        for (uint i = 0; i < addresses.Length; i++)
        {
            IpAddress address = addresses[unchecked(turn + i) % (uint)addresses.Length];
            if (address.Family != TFamily.Family) continue;
            local = TFamily.FromIpAddress(in address);
            bool isTaken = _localPorts.TryTake(protocol, local, real, realPort, now, out localPort);
            if (_worker.LocalAddresses.TryFind(in address, out LocalAddressUsage? usage))
            {
                if (isTaken) usage.Take();
                else usage.CountFailure();
            }

            if (isTaken) return DropReason.None;
            refusal = DropReason.LocalPortsExhausted;
        }

        local = default;
        localPort = 0;
        return refusal;
    }

    /// <summary>Takes one certain port: that of a connection of another director.</summary>
    /// <returns>Null when it is taken; else why not.</returns>
    private SyncCount? ReserveLocalPort(IpProtocol protocol, TAddress local, ushort localPort, TAddress real, ushort realPort, MonotonicTime now)
    {
        // Replies must find this worker; with another number of workers they may not.
        if (localPort % _worker.WorkerCount != _worker.Index) return SyncCount.LocalPortElsewhere;
        if (!_worker.LocalAddresses.TryFind(TFamily.ToIpAddress(local), out LocalAddressUsage? usage)) return SyncCount.LocalAddressUnknown;
        _localPorts.SetRange(_settings.FullNatPortMin, _settings.FullNatPortMax);
        if (!_localPorts.TryReserve(protocol, local, real, realPort, localPort, now)) return SyncCount.LocalPortTaken;
        usage.Take();
        return null;
    }

    private void ReleaseLocalPort(
        IpProtocol protocol, TAddress local, ushort localPort, TAddress real, ushort realPort, MonotonicTime now)
    {
        _localPorts.Release(protocol, local, real, realPort, localPort, now);
        if (_worker.LocalAddresses.TryFind(TFamily.ToIpAddress(local), out LocalAddressUsage? usage)) usage.Release();
    }

    private Verdict DeliverByFullNat(
        ref Connection<TAddress> connection, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now)
    {
        int hop = HopInbound(ref connection, out NextHop next);
        if (hop <= 0) return RefuseUnroutable(hop, ref packet, in shape, now);
        if (!TryPassOnce(connection.IpMtuInbound, ref packet, in shape, now, out Verdict refusal)) return refusal;

        if (!KeepsSctpChecksum(in packet, in shape, false, out DropReason reason)) return _worker.Drop(ref packet, reason);
        Span<byte> frame = packet.Frame;
        Span<byte> ip = frame[shape.IpOffset..];
        ChecksumDelta pseudoHeader = TFamily.RewriteSource(ip, connection.Local) + TFamily.RewriteDestination(ip, connection.Real);
        if (!ends.HasL4) return Send(hop, in next, connection.IpMtuInbound, ref packet, in shape, now);

        Span<byte> l4 = frame.Slice(shape.L4Offset, shape.L4Length);
        ref L4Ports ports = ref MemoryMarshal.AsRef<L4Ports>(l4);
        ChecksumDelta segment = ChecksumDelta.Replace(ends.SourcePort, connection.LocalPort) +
            ChecksumDelta.Replace(ends.DestinationPort, connection.RealPort);
        ports.Source.Host = connection.LocalPort;
        ports.Destination.Host = connection.RealPort;
        if (ends.Protocol == IpProtocol.Tcp) segment += AdjustRequest(ref connection, l4, in shape, in ends, now);
        RepairL4(frame, l4, in packet.Offload, in shape, pseudoHeader, segment);
        return WantsClientAddress(ref connection, l4, in shape, in ends)
            ? SendWithClientAddress(ref connection, hop, in next, ref packet, in shape, now)
            : Send(hop, in next, connection.IpMtuInbound, ref packet, in shape, now);
    }

    private Verdict ReturnByFullNat(
        ref Connection<TAddress> connection, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now)
    {
        int hop = HopOutbound(ref connection, out NextHop next);
        if (hop <= 0 && hop != HopId.Local) return RefuseUnroutable(hop, ref packet, in shape, now);
        if (hop != HopId.Local && !TryPassOnce(connection.IpMtuOutbound, ref packet, in shape, now, out Verdict refusal)) return refusal;

        if (!KeepsSctpChecksum(in packet, in shape, false, out DropReason reason)) return _worker.Drop(ref packet, reason);
        Span<byte> frame = packet.Frame;
        Span<byte> ip = frame[shape.IpOffset..];
        ChecksumDelta pseudoHeader = TFamily.RewriteSource(ip, connection.Virtual) + TFamily.RewriteDestination(ip, connection.Client);
        if (ends.HasL4)
        {
            Span<byte> l4 = frame.Slice(shape.L4Offset, shape.L4Length);
            ref L4Ports ports = ref MemoryMarshal.AsRef<L4Ports>(l4);
            ChecksumDelta segment = ChecksumDelta.Replace(ends.SourcePort, connection.VirtualPort) +
                ChecksumDelta.Replace(ends.DestinationPort, connection.ClientPort);
            ports.Source.Host = connection.VirtualPort;
            ports.Destination.Host = connection.ClientPort;
            if (ends.Protocol == IpProtocol.Tcp) segment += AdjustReply(ref connection, l4, in shape, in ends);
            RepairL4(frame, l4, in packet.Offload, in shape, pseudoHeader, segment);
        }

        return hop == HopId.Local ? Verdict.ToStack : Send(hop, in next, connection.IpMtuOutbound, ref packet, in shape, now);
    }

    /// <summary>Sequence numbers and options of a segment to the real server.</summary>
    private ChecksumDelta AdjustRequest(
        ref Connection<TAddress> connection, Span<byte> l4, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now)
    {
        ref TcpHeader tcp = ref MemoryMarshal.AsRef<TcpHeader>(l4);
        var flags = (FullNatFlags)connection.FullNatState;
        if (ends.IsOpening && (flags & FullNatFlags.HasSequenceDelta) == 0) ChooseSequenceDelta(ref connection, tcp.Sequence.Host, now);
        ChecksumDelta delta = ChecksumDelta.None;
        if (connection.SequenceDelta != 0)
        {
            uint sequence = tcp.Sequence.Host;
            uint shifted = unchecked(sequence + connection.SequenceDelta);
            tcp.Sequence.Host = shifted;
            delta = ChecksumDelta.Replace(sequence, shifted);
        }

        int headerLength = tcp.HeaderLength;
        if (headerLength == TcpHeader.Size || headerLength > l4.Length || shape.IsFragment) return delta;
        Span<byte> options = l4[TcpHeader.Size..headerLength];
        if (!ends.IsOpening && TcpOptionEditing.IsOnlyTimestamps(options)) return delta;
        return delta + EditRequestOptions(ref connection, options, in ends);
    }

    private ChecksumDelta EditRequestOptions(ref Connection<TAddress> connection, Span<byte> options, in FlowEnds<TAddress> ends)
    {
        ushort before = InternetChecksum.Sum(options);
        bool isEdited = TcpOptionEditing.TryBlankClientAddress(options);
        if (isEdited) _worker.Count(ForwardingEvent.ToaForged);
        if (ends.IsOpening)
        {
            // Clients behind one local address have clocks of their own; a real server would take them for one that jumps.
            if (_settings.FullNatTimestampRemove) isEdited |= TcpOptionEditing.TryBlankTimestamps(options);

            // The other direction carries no option of ours: only the client's side of the path bounds it.
            if (_settings.FullNatMssAdjust && HopOutbound(ref connection, out _) > 0)
                isEdited |= TcpOptionEditing.TryLowerMss(options, 0, connection.IpMtuOutbound - TFamily.HeaderSize - TcpHeader.Size);
        }

        return isEdited ? ChecksumDelta.Remove(before) + ChecksumDelta.Insert(InternetChecksum.Sum(options)) : ChecksumDelta.None;
    }

    /// <summary>Acknowledgment numbers and options of a segment from the real server.</summary>
    private ChecksumDelta AdjustReply(ref Connection<TAddress> connection, Span<byte> l4, in PacketShape shape, in FlowEnds<TAddress> ends)
    {
        ref TcpHeader tcp = ref MemoryMarshal.AsRef<TcpHeader>(l4);
        ChecksumDelta delta = ChecksumDelta.None;
        if ((ends.Flags & TcpFlags.Ack) != 0 && connection.SequenceDelta != 0)
        {
            uint acknowledgment = tcp.Acknowledgment.Host;
            uint shifted = unchecked(acknowledgment - connection.SequenceDelta);
            tcp.Acknowledgment.Host = shifted;
            delta = ChecksumDelta.Replace(acknowledgment, shifted);
        }

        if (ends.IsOpening)
        {
            connection.RealIsn = tcp.Sequence.Host;
            connection.FullNatState = (byte)(((FullNatFlags)connection.FullNatState | FullNatFlags.HasRealIsn) & ~(FullNatFlags.HasAcknowledged | FullNatFlags.HasServerNumber));
        }

        int headerLength = tcp.HeaderLength;
        if (headerLength == TcpHeader.Size || headerLength > l4.Length || shape.IsFragment) return delta;
        Span<byte> options = l4[TcpHeader.Size..headerLength];
        return TcpOptionEditing.IsOnlyTimestamps(options) ? delta : delta + EditReplyOptions(ref connection, options, in ends);
    }

    private ChecksumDelta EditReplyOptions(ref Connection<TAddress> connection, Span<byte> options, in FlowEnds<TAddress> ends)
    {
        ushort before = InternetChecksum.Sum(options);
        bool isEdited = TcpOptionEditing.TryShiftSack(options, connection.SequenceDelta);
        if (ends.IsOpening && _settings.FullNatMssAdjust && HopInbound(ref connection, out _) > 0)
        {
            int reserve = _settings.FullNatToa ? ClientAddressOption.SizeOf(TFamily.Family) : 0;
            int limit = connection.IpMtuInbound - TFamily.HeaderSize - TcpHeader.Size - reserve;
            isEdited |= TcpOptionEditing.TryLowerMss(options, reserve, limit);
        }

        return isEdited ? ChecksumDelta.Remove(before) + ChecksumDelta.Insert(InternetChecksum.Sum(options)) : ChecksumDelta.None;
    }

    private void ChooseSequenceDelta(ref Connection<TAddress> connection, uint clientIsn, MonotonicTime now)
    {
        uint own = InitialSequenceNumber.Choose(
            _worker.SequenceKey, TFamily.ToIpAddress(connection.Local), connection.LocalPort,
            TFamily.ToIpAddress(connection.Real), connection.RealPort, now);
        connection.SequenceDelta = unchecked(own - clientIsn);
        connection.FullNatState |= (byte)FullNatFlags.HasSequenceDelta;
    }

    /// <summary>
    /// A SYN on a connection that was closing and stays on its server (conn_reuse_mode 0) begins it anew there: with an initial
    /// sequence number above the old connection's (reference §11.3, "port reuse").
    /// </summary>
    private static void ForgetSequenceNumbers(ref Connection<TAddress> connection)
    {
        if (connection.Method != ForwardingMethod.FullNat) return;
        if ((TcpState)connection.State is TcpState.TimeWait or TcpState.Close or TcpState.CloseWait or TcpState.LastAck or TcpState.FinWait)
            connection.FullNatState = (byte)FullNatFlags.None;
    }
}
