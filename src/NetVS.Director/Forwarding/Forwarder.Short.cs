using System.Diagnostics;
using System.Runtime.CompilerServices;
using NetVS.Director.Connections;
using NetVS.Director.Network;
using NetVS.Director.Protocols;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>The short way: plain packets of established connections by NAT and DR, to which nothing else happens.</content>
/// <remarks>
/// It does what the long way (<see cref="ForwardInbound"/>, <see cref="ForwardOutbound"/>) would do. Everything that these packets have in common is asked
/// first, before anything is changed; a packet that is not of that kind goes the long way as if nothing had been. So what is to be said about a packet is
/// said there, and here is what is left of it. ShortPathTests send everything both ways: who changes the one must change the other.
/// </remarks>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    // With one of these, more happens than forwarding.
    private const ConnectionFlags SpecialInbound =
        ConnectionFlags.HasFlow | ConnectionFlags.OnePacket | ConnectionFlags.Learned | ConnectionFlags.Probed | ConnectionFlags.Helped;

    private const ConnectionFlags SpecialOutbound = SpecialInbound | ConnectionFlags.NoOutput;

    /// <summary>How many packets took the short way; counted in Debug builds. For tests.</summary>
    internal int ShortCount { get; private set; }

    /// <summary>Forwards a request, if there is nothing else to it.</summary>
    /// <returns>False if there is: nothing has been changed.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryForwardShort(int handle, ref Packet packet, in PlainPacket<TAddress> plain, MonotonicTime now)
    {
        ref Connection<TAddress> connection = ref _connections[handle];
        Destination destination = _destinations[connection.DestinationIndex];
        if ((connection.Flags & SpecialInbound) != 0 || !destination.IsAvailable || _sync.IsTelling) return false;
        bool isNat = connection.Method == ForwardingMethod.Nat;
        if (!isNat && connection.Method != ForwardingMethod.DirectRouting) return false;
        if (!TryFindTimeout(in connection, destination, in plain.Ends, out uint timeout)) return false;
        Span<byte> frame = packet.Frame;
        int hop = connection.NextHopInbound;
        if (!TryFindWay(in connection, hop, connection.IpMtuInbound, frame, in plain, out ulong word, out NextHopEgress egress)) return false;
        Span<byte> ip = frame[EthernetHeader.Size..];
        if (isNat)
        {
            if (!CanRepair(ip, in packet.Offload, in plain.Ends)) return false;
            ChecksumDelta pseudoHeader = TFamily.Redirect(ip, connection.Real);
            var segment = ChecksumDelta.Replace(plain.Ends.DestinationPort, connection.RealPort);
            WireView.At<L4Ports>(ip, TFamily.HeaderSize).Destination.Host = connection.RealPort;
            Repair(ip, in packet.Offload, in plain.Ends, pseudoHeader, segment);
        }
        else
        {
            TFamily.DecrementTtl(ip);
        }

        _counters.CountInbound(destination, plain.IpLength);
        _connections.SetTimeout(handle, timeout, now);
        unchecked { connection.InPackets++; }
        SendShort(handle, hop, word, egress, ref packet, plain.IpLength, now);
        return true;
    }

    /// <summary>Forwards a reply, if there is nothing else to it.</summary>
    /// <returns>False if there is: nothing has been changed.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReturnShort(int handle, ref Packet packet, in PlainPacket<TAddress> plain, MonotonicTime now)
    {
        ref Connection<TAddress> connection = ref _connections[handle];
        Destination destination = _destinations[connection.DestinationIndex];
        if ((connection.Flags & SpecialOutbound) != 0 || connection.Method != ForwardingMethod.Nat || connection.NextHopInbound == HopId.Local) return false;
        if (!TryFindTimeout(in connection, destination, in plain.Ends, out uint timeout)) return false;
        Span<byte> frame = packet.Frame;
        int hop = connection.NextHopOutbound;
        if (!TryFindWay(in connection, hop, connection.IpMtuOutbound, frame, in plain, out ulong word, out NextHopEgress egress)) return false;
        Span<byte> ip = frame[EthernetHeader.Size..];
        if (!CanRepair(ip, in packet.Offload, in plain.Ends)) return false;
        ChecksumDelta pseudoHeader = TFamily.Disguise(ip, connection.Virtual);
        var segment = ChecksumDelta.Replace(plain.Ends.SourcePort, connection.VirtualPort);
        WireView.At<L4Ports>(ip, TFamily.HeaderSize).Source.Host = connection.VirtualPort;
        Repair(ip, in packet.Offload, in plain.Ends, pseudoHeader, segment);
        _counters.CountOutbound(destination, plain.IpLength);
        if (plain.Ends.Protocol == IpProtocol.Udp) TellTemplateOfReply(ref connection);
        _connections.SetTimeout(handle, timeout, now);
        SendShort(handle, hop, word, egress, ref packet, plain.IpLength, now);
        return true;
    }

    /// <summary>How long the connection is kept from now on, if the packet leaves its state as it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryFindTimeout(in Connection<TAddress> connection, Destination destination, in FlowEnds<TAddress> ends, out uint timeout)
    {
        if (ends.Protocol == IpProtocol.Udp)
        {
            timeout = _timeouts.OfUdp(destination.Timeouts);
            return true;
        }

        var state = (TcpState)connection.State;
        timeout = _timeouts.OfTcp(state, destination.Timeouts);
        return TcpStateMachine.IsSteady(state, (byte)ends.Flags) && _settings.IcmpSequenceWindow == 0;
    }

    /// <summary>The next hop, if it is known and reachable without a tag, the packet fits, and it may pass a router.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryFindWay(
        in Connection<TAddress> connection, int hop, int ipMtu, ReadOnlySpan<byte> frame, in PlainPacket<TAddress> plain, out ulong word, out NextHopEgress egress)
    {
        if (!_worker.NextHops.TryRead(hop, out word, out egress)) return false;
        return connection.NetworkVersion == _worker.RouteVersion && egress.VlanId == 0 && plain.IpLength <= ipMtu && TFamily.TtlOf(frame[EthernetHeader.Size..]) > 1;
    }

    /// <summary>Whether the L4 checksum can be kept right: a datagram's may be absent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool CanRepair(ReadOnlySpan<byte> ip, in PacketOffload offload, in FlowEnds<TAddress> ends) =>
        ends.Protocol == IpProtocol.Tcp || offload.NeedsChecksum || !UdpChecksum.IsAbsent(WireView.ReadAt<UdpHeader>(ip, TFamily.HeaderSize).Checksum.Host);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Repair(Span<byte> ip, in PacketOffload offload, in FlowEnds<TAddress> ends, ChecksumDelta pseudoHeader, ChecksumDelta segment)
    {
        if (ends.Protocol == IpProtocol.Tcp) L4Checksum.Replace(ref WireView.At<TcpHeader>(ip, TFamily.HeaderSize).Checksum, in offload, pseudoHeader, segment);
        else L4Checksum.ReplaceUdp(ref WireView.At<UdpHeader>(ip, TFamily.HeaderSize).Checksum, in offload, pseudoHeader, segment);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SendShort(int handle, int hop, ulong word, NextHopEgress egress, ref Packet packet, int ipLength, MonotonicTime now)
    {
        packet.Length = EthernetHeader.Size + ipLength;
        ref EthernetHeader header = ref WireView.At<EthernetHeader>(packet.Frame, 0);
        header.Destination.Host = NextHopTable.MacOf(word);
        header.Source.Host = egress.Source;
        packet.TransmitInterface = egress.TransmitInterface;
        packet.NextHop = hop;
        _worker.MarkUsed(hop, now);
        CountShort();
        if (_flows is not null) FollowUp(handle, Verdict.Transmit, in packet, isFragment: false, now);
    }

    [Conditional("DEBUG")]
    private void CountShort() => ShortCount++;
}
