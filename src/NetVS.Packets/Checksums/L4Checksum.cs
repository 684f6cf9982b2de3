using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using NetVS.Packets.Headers;

namespace NetVS.Packets.Checksums;

/// <summary>The checksum fields of TCP, UDP, SCTP, ICMP and ICMPv6: kept right, completed, verified.</summary>
/// <remarks>
/// A field is in one of two states, and <see cref="PacketOffload.NeedsChecksum"/> says in which:
/// <list type="bullet">
/// <item><em>complete</em>: as on the wire, the complement of the sum over pseudo-header and segment;</item>
/// <item><em>partial</em>: only the folded sum of the pseudo-header, not complemented; the sum over the segment is left to
/// whoever sends the frame (linux/skbuff.h, CHECKSUM_PARTIAL; virtio's VIRTIO_NET_HDR_F_NEEDS_CSUM). A change in the
/// pseudo-header (addresses, length) is then added to the field, and a change in the segment (ports, options) does not
/// touch it.</item>
/// </list>
/// So each replacement takes two deltas. A span called <c>l4</c> is the L4 header with its payload; for replacements the
/// header's fixed part is enough (a first fragment, a quote).
/// </remarks>
public static class L4Checksum
{
    /// <summary>Where the protocol keeps its RFC 1071 checksum, from the L4 header's beginning; -1 when it has none.</summary>
    public static int OffsetOf(IpProtocol protocol) => protocol switch
    {
        IpProtocol.Tcp => TcpHeader.ChecksumOffset,
        IpProtocol.Udp => UdpHeader.ChecksumOffset,
        IpProtocol.Icmp or IpProtocol.IcmpV6 => IcmpHeader.ChecksumOffset,
        _ => -1,
    };

    /// <summary>Keeps a TCP (or ICMPv6) checksum right.</summary>
    /// <param name="field">The checksum field.</param>
    /// <param name="offload">Whether the field is partial.</param>
    /// <param name="pseudoHeader">What changed in the pseudo-header: addresses, length.</param>
    /// <param name="segment">What changed in the segment itself: ports, sequence numbers, options.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Replace(ref U16Be field, in PacketOffload offload, ChecksumDelta pseudoHeader, ChecksumDelta segment)
    {
        if (offload.NeedsChecksum) field.Host = pseudoHeader.ApplyToSum(field.Host);
        else field.Host = (pseudoHeader + segment).ApplyTo(field.Host);
    }

    /// <summary>Keeps a UDP checksum right; one that is absent stays so.</summary>
    /// <param name="field">The checksum field.</param>
    /// <param name="offload">Whether the field is partial.</param>
    /// <param name="pseudoHeader">What changed in the pseudo-header: addresses, length.</param>
    /// <param name="segment">What changed in the datagram itself: ports, length field.</param>
    /// <returns>
    /// False when the datagram has no checksum: nothing was changed. IPVS then computes a full one, for which call
    /// <see cref="WriteComplete(IpProtocol, Span{byte}, ushort)"/> with the whole datagram.
    /// </returns>
    public static bool ReplaceUdp(ref U16Be field, in PacketOffload offload, ChecksumDelta pseudoHeader, ChecksumDelta segment)
    {
        if (offload.NeedsChecksum)
        {
            field.Host = pseudoHeader.ApplyToSum(field.Host);
            return true;
        }

        if (UdpChecksum.IsAbsent(field.Host)) return false;
        field.Host = UdpChecksum.ToWire((pseudoHeader + segment).ApplyTo(field.Host));
        return true;
    }

    /// <summary>Keeps the checksum of a protocol right that has one, as the two methods above.</summary>
    /// <param name="protocol">TCP, UDP or ICMPv6; ICMP only with an unchanged pseudo-header (it has none). Others are left alone.</param>
    /// <param name="l4">The L4 header, at least to its checksum field; shorter is left alone.</param>
    /// <param name="offload">Whether the field is partial.</param>
    /// <param name="pseudoHeader">What changed in the pseudo-header.</param>
    /// <param name="segment">What changed behind it.</param>
    /// <returns>False when there is no checksum to keep right: UDP's absent one, or not this kind of protocol.</returns>
    public static bool Replace(
        IpProtocol protocol, Span<byte> l4, in PacketOffload offload, ChecksumDelta pseudoHeader, ChecksumDelta segment)
    {
        int offset = OffsetOf(protocol);
        if (offset < 0 || l4.Length < offset + 2) return false;
        ref U16Be field = ref WireView.At<U16Be>(l4, offset);
        switch (protocol)
        {
            case IpProtocol.Udp:
                return ReplaceUdp(ref field, in offload, pseudoHeader, segment);
            case IpProtocol.Icmp:
                if (!offload.NeedsChecksum) field.Host = segment.ApplyTo(field.Host);
                return true;
            default:
                Replace(ref field, in offload, pseudoHeader, segment);
                return true;
        }
    }

    /// <summary>Computes a checksum over the whole segment and stores it, complete.</summary>
    /// <param name="protocol">The L4 protocol; SCTP gets its CRC32c, others without a checksum are left alone.</param>
    /// <param name="l4">Exactly L4 header and payload, at least the fixed header; never a fragment.</param>
    /// <param name="pseudoHeaderSum">From <see cref="PseudoHeader"/>; 0 for ICMP and SCTP.</param>
    public static void WriteComplete(IpProtocol protocol, Span<byte> l4, ushort pseudoHeaderSum)
    {
        if (protocol == IpProtocol.Sctp)
        {
            SctpChecksum.Write(l4);
            return;
        }

        int offset = OffsetOf(protocol);
        if (offset < 0) return;
        Span<byte> field = l4.Slice(offset, 2);
        field.Clear();
        ushort checksum = InternetChecksum.Finish(InternetChecksum.Add(InternetChecksum.Sum(l4), pseudoHeaderSum));
        if (protocol == IpProtocol.Udp) checksum = UdpChecksum.ToWire(checksum);
        BinaryPrimitives.WriteUInt16BigEndian(field, checksum);
    }

    /// <summary>As the other, for a packet whose shape is known; reads the addresses from the packet.</summary>
    /// <param name="octets">The octets the shape was made of.</param>
    /// <param name="shape">The shape; no fragment, and the L4 header fits.</param>
    public static void WriteComplete(Span<byte> octets, in PacketShape shape)
    {
        int length = SegmentLength(octets, in shape);
        WriteComplete(shape.Protocol, octets.Slice(shape.L4Offset, length), PseudoHeaderSum(octets, in shape, length));
    }

    /// <summary>Whether a complete checksum is right. An absent UDP checksum over IPv4 is right.</summary>
    /// <param name="octets">The octets the shape was made of.</param>
    /// <param name="shape">The shape; no fragment.</param>
    /// <returns>True also for protocols without a checksum; false when the L4 header does not fit.</returns>
    public static bool Verify(ReadOnlySpan<byte> octets, in PacketShape shape)
    {
        int length = SegmentLength(octets, in shape);
        ReadOnlySpan<byte> l4 = octets.Slice(shape.L4Offset, length);
        if (shape.Protocol == IpProtocol.Sctp) return SctpChecksum.Verify(l4);
        int offset = OffsetOf(shape.Protocol);
        if (offset < 0) return true;
        if (l4.Length < offset + 2) return false;
        if (shape.Protocol == IpProtocol.Udp && UdpChecksum.IsAbsent(BinaryPrimitives.ReadUInt16BigEndian(l4[offset..])))
            return shape.Family == IpFamily.V4;
        return InternetChecksum.Add(InternetChecksum.Sum(l4), PseudoHeaderSum(octets, in shape, length)) == ushort.MaxValue;
    }

    /// <summary>The folded pseudo-header sum of a packet; 0 for protocols without a pseudo-header.</summary>
    /// <param name="octets">The octets the shape was made of.</param>
    /// <param name="shape">The shape; no fragment.</param>
    public static ushort PseudoHeaderSum(ReadOnlySpan<byte> octets, in PacketShape shape) =>
        PseudoHeaderSum(octets, in shape, SegmentLength(octets, in shape));

    private static ushort PseudoHeaderSum(ReadOnlySpan<byte> octets, in PacketShape shape, int length)
    {
        if (shape.Protocol is not (IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.IcmpV6)) return 0;
        if (shape.Family == IpFamily.V6)
        {
            ref readonly Ipv6Header v6 = ref WireView.ReadAt<Ipv6Header>(octets, shape.IpOffset);
            return PseudoHeader.Sum(v6.SourceAddress.Host, v6.DestinationAddress.Host, shape.Protocol, length);
        }

        ref readonly Ipv4Header v4 = ref WireView.ReadAt<Ipv4Header>(octets, shape.IpOffset);
        return PseudoHeader.Sum(v4.SourceAddress.Host, v4.DestinationAddress.Host, shape.Protocol, length);
    }

    // A UDP datagram may be shorter than the IP payload; its own length is what its checksum covers (RFC 768). A length
    // that cannot be true is not followed.
    private static int SegmentLength(ReadOnlySpan<byte> octets, in PacketShape shape)
    {
        if (shape.Protocol != IpProtocol.Udp || shape.L4Length < UdpHeader.Size) return shape.L4Length;
        int length = WireView.ReadAt<UdpHeader>(octets, shape.L4Offset).Length.Host;
        return length >= UdpHeader.Size && length <= shape.L4Length ? length : shape.L4Length;
    }
}
