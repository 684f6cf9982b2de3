// Reference §9.1, §9.2; RFC 5508 §4.2 (what a NAT does with ICMP errors).

using NetVS.Director.Connections;
using NetVS.Director.Network;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>ICMP errors about connections, both ways. Everything else of ICMP is for the director's own stack.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    private Verdict ProcessIcmp(ref Packet packet, in PacketShape shape, MonotonicTime now)
    {
        if (!TryReadError(packet.Frame, in shape, out QuotedPacket<TAddress> quoted)) return PassOn(ref packet, in shape, now);
        if (shape.IsFragment) return _worker.Drop(ref packet, DropReason.FragmentedIcmpError);
        ServiceTable table = _worker.Table;
        if (IsTunnelQuote(packet.Frame, in shape, in quoted, out TunnelQuote tunnel)) return ProcessTunnelError(ref packet, in shape, in quoted, in tunnel, now);
        if (!quoted.HasPorts) return PassOn(ref packet, in shape, now);

        // What is quoted has the director's outer face: a reply shows the VIP as its source, a request LIP or client.
        int handle = _connections.FindInbound(
            quoted.Shape.Protocol, quoted.Destination, quoted.DestinationPort, quoted.Source, quoted.SourcePort);
        bool isReply = handle != 0;
        if (!isReply) handle = FindQuotedRequest(table, in quoted);
        if (handle != 0)
        {
            if (!IsOnItsWay(handle, quoted.Shape.Protocol, QuotedL4(packet.Frame, in shape, in quoted), isReply, now)) return _worker.Drop(ref packet, DropReason.IcmpSequence);
            return isReply
                ? ForwardErrorInbound(handle, ref packet, in shape, in quoted, now)
                : ForwardErrorOutbound(handle, ref packet, in shape, in quoted, now);
        }

        return _settings.ScheduleIcmp ? ScheduleByError(table, ref packet, in shape, in quoted, now) : PassOn(ref packet, in shape, now);
    }

    private static Span<byte> QuotedL4(Span<byte> frame, in PacketShape shape, in QuotedPacket<TAddress> quoted) =>
        frame.Slice(shape.L4Offset + IcmpHeader.Size + quoted.Shape.L4Offset, quoted.Shape.L4Length);

    private int FindQuotedRequest(ServiceTable table, in QuotedPacket<TAddress> quoted)
    {
        if (TFamily.IsLocalAddress(table, quoted.Source))
        {
            int handle = _connections.FindFullNatReply(
                quoted.Shape.Protocol, quoted.Source, quoted.SourcePort, quoted.Destination, quoted.DestinationPort);
            if (handle != 0) return handle;
        }

        return _connections.FindOutbound(
            quoted.Shape.Protocol, quoted.Source, quoted.SourcePort, quoted.Destination, quoted.DestinationPort);
    }

    /// <summary>An error about a reply, on its way to the real server (reference §9.1). The connection's timer is not restarted.</summary>
    private Verdict ForwardErrorInbound(
        int handle, ref Packet packet, in PacketShape shape, in QuotedPacket<TAddress> quoted, MonotonicTime now)
    {
        ref Connection<TAddress> connection = ref _connections[handle];
        bool isTranslated = connection.Method is ForwardingMethod.Nat or ForwardingMethod.FullNat;
        if (isTranslated && !HasGoodIcmpChecksum(ref packet, in shape)) return _worker.Drop(ref packet, DropReason.BadIcmpChecksum);
        _counters.CountInbound(_destinations[connection.DestinationIndex], shape.IpLength);
        if (!isTranslated)
        {
            unchecked { connection.InPackets++; }
            return Deliver(ref connection, ref packet, in shape, default, now);
        }

        int hop = HopInbound(ref connection, out NextHop next);
        if (hop <= 0 && hop != HopId.Local) return RefuseUnroutable(hop, ref packet, in shape, now);
        if (hop != HopId.Local && !TryPassOnce(connection.IpMtuInbound, ref packet, in shape, now, out Verdict refusal)) return refusal;

        Span<byte> frame = packet.Frame;
        TFamily.RewriteDestination(frame[shape.IpOffset..], connection.Real);
        var rewrite = new QuoteRewrite<TAddress>(quoted) { Source = connection.Real, SourcePort = connection.RealPort };
        if (connection.Method == ForwardingMethod.FullNat)
        {
            TFamily.RewriteSource(frame[shape.IpOffset..], connection.Local);
            rewrite.Destination = connection.Local;
            rewrite.DestinationPort = connection.LocalPort;
            rewrite.AcknowledgmentShift = connection.SequenceDelta;
        }

        RewriteQuote(frame, in shape, in quoted, in rewrite);
        return hop == HopId.Local ? Verdict.ToStack : Send(hop, in next, connection.IpMtuInbound, ref packet, in shape, now);
    }

    /// <summary>An error about a request, from the real server or a router before it, on its way to the client (reference §9.2).</summary>
    private Verdict ForwardErrorOutbound(
        int handle, ref Packet packet, in PacketShape shape, in QuotedPacket<TAddress> quoted, MonotonicTime now)
    {
        ref Connection<TAddress> connection = ref _connections[handle];
        bool isTranslated = connection.Method is ForwardingMethod.Nat or ForwardingMethod.FullNat;
        if (isTranslated && !HasGoodIcmpChecksum(ref packet, in shape)) return _worker.Drop(ref packet, DropReason.BadIcmpChecksum);
        _counters.CountOutbound(_destinations[connection.DestinationIndex], shape.IpLength);
        if (!isTranslated) return PassOn(ref packet, in shape, now);

        int hop = HopOutbound(ref connection, out NextHop next);
        if (hop <= 0 && hop != HopId.Local) return RefuseUnroutable(hop, ref packet, in shape, now);
        if (IsForwarded(in connection, hop, in packet) && !TryPassOnce(connection.IpMtuOutbound, ref packet, in shape, now, out Verdict refusal)) return refusal;

        Span<byte> frame = packet.Frame;
        TFamily.RewriteSource(frame[shape.IpOffset..], connection.Virtual);
        var rewrite = new QuoteRewrite<TAddress>(quoted) { Destination = connection.Virtual, DestinationPort = connection.VirtualPort };
        if (connection.Method == ForwardingMethod.FullNat)
        {
            TFamily.RewriteDestination(frame[shape.IpOffset..], connection.Client);
            rewrite.Source = connection.Client;
            rewrite.SourcePort = connection.ClientPort;
            rewrite.SequenceShift = unchecked(0u - connection.SequenceDelta);
            LeaveRoomForClientAddress(frame[shape.L4Offset..], quoted.Shape.Protocol);
        }

        RewriteQuote(frame, in shape, in quoted, in rewrite);
        return hop == HopId.Local ? Verdict.ToStack : Send(hop, in next, connection.IpMtuOutbound, ref packet, in shape, now);
    }

    /// <summary>Rewrites a quote to what the receiver of the error sent, and completes the error's checksum.</summary>
    /// <remarks>
    /// RFC 5508 §4.2: "the NAT device MUST revert the IP and transport headers of the embedded IP packet to their original form". So the
    /// quoted transport checksum follows too, where the quote reaches that far; IPVS leaves that one as it was.
    /// </remarks>
    private static void RewriteQuote(
        Span<byte> frame, in PacketShape shape, in QuotedPacket<TAddress> quoted, in QuoteRewrite<TAddress> rewrite)
    {
        Span<byte> quote = frame.Slice(shape.L4Offset + IcmpHeader.Size, shape.L4Length - IcmpHeader.Size);
        ChecksumDelta pseudoHeader = TFamily.RewriteSource(quote, rewrite.Source) + TFamily.RewriteDestination(quote, rewrite.Destination);
        Span<byte> l4 = quote.Slice(quoted.Shape.L4Offset, quoted.Shape.L4Length);
        ChecksumDelta segment = rewrite.ApplyTo(l4, quoted.Shape.Protocol);
        L4Checksum.Replace(quoted.Shape.Protocol, l4, default, pseudoHeader, segment);
        L4Checksum.WriteComplete(frame, in shape);
    }

    /// <summary>A router's "too big" counts the option the director adds; the client must leave room for it.</summary>
    private void LeaveRoomForClientAddress(Span<byte> icmp, IpProtocol protocol)
    {
        ref IcmpHeader header = ref WireView.At<IcmpHeader>(icmp, 0);
        if (protocol != IpProtocol.Tcp || !_settings.FullNatToa || !IsTooBig(in header)) return;
        uint reserve = (uint)ClientAddressOption.SizeOf(TFamily.Family);
        if (header.Rest.Host > reserve) header.Rest.Host -= reserve;
    }

    private static bool IsTooBig(in IcmpHeader header) =>
        ((header.Type << 8) | header.Code) == TFamily.TypeAndCodeOf(Icmp.IcmpReason.TooBig);

    private static bool HasGoodIcmpChecksum(ref Packet packet, in PacketShape shape)
    {
        if (packet.Offload.NeedsChecksum) return ChecksumCompletion.TryComplete(packet.Frame[..shape.FrameLength], ref packet.Offload);
        return L4Checksum.Verify(packet.Frame, in shape);
    }

    /// <summary>Reads an ICMP error of a kind that is handled (reference §9), and what it quotes.</summary>
    private static bool TryReadError(ReadOnlySpan<byte> frame, in PacketShape shape, out QuotedPacket<TAddress> quoted)
    {
        quoted = default;
        if (shape.IsLaterFragment || shape.L4Length < IcmpHeader.Size + TFamily.HeaderSize) return false;
        ReadOnlySpan<byte> icmp = frame.Slice(shape.L4Offset, shape.L4Length);
        byte type = icmp[0];
        if (!TFamily.IsHandledIcmpError(type)) return false;
        ReadOnlySpan<byte> quote = icmp[IcmpHeader.Size..];
        if (!PacketShape.TryParseQuote(quote, TFamily.Family, out PacketShape quotedShape) || quotedShape.IsLaterFragment) return false;
        quoted = QuotedPacket<TAddress>.Read(quote, in quotedShape, TFamily.SourceOf(quote), TFamily.DestinationOf(quote));
        return true;
    }
}
