using System.Buffers.Binary;

namespace NetVS.Packets.Headers;

/// <summary>Where everything is in a frame: found in one pass, with every length checked.</summary>
/// <remarks>
/// Units: octets from the beginning of the parsed span (the Ethernet header of a frame, the IP header of a quote).
/// Byte order: host. Trusted for lengths up to the beginning of the L4 header; whether the L4 header itself fits must be
/// asked of <see cref="L4Length"/>. Checksums are not verified here.
/// </remarks>
public struct PacketShape
{
    /// <summary>Why there is no shape; None when there is one.</summary>
    public PacketShapeError Error;

    /// <summary>The IP version.</summary>
    public IpFamily Family;

    /// <summary>The L4 protocol: IPv4's protocol field, or where the chain of IPv6 extension headers ends.</summary>
    public IpProtocol Protocol;

    /// <summary>How many VLAN tags there are: 0 to 2.</summary>
    public byte VlanTags;

    /// <summary>Whether further fragments follow this one.</summary>
    public bool MoreFragments;

    /// <summary>Whether there is an IPv6 fragment header, even one that says "whole packet".</summary>
    public bool HasFragmentHeader;

    /// <summary>The EtherType behind the tags.</summary>
    public ushort EtherType;

    /// <summary>The outer tag's VLAN id; 0 without a tag or with a priority tag.</summary>
    public ushort VlanId;

    /// <summary>The inner tag's VLAN id when there are two.</summary>
    public ushort InnerVlanId;

    /// <summary>Octets of the Ethernet header with its tags; also where the IP header begins. 0 for a quote.</summary>
    public int IpOffset;

    /// <summary>Octets of the IP packet, headers included, Ethernet padding not.</summary>
    public int IpLength;

    /// <summary>Where the L4 header begins; a later fragment's data.</summary>
    public int L4Offset;

    /// <summary>Octets from <see cref="L4Offset"/> to the end of the IP packet; in a quote, as many as are there.</summary>
    public int L4Length;

    /// <summary>Where this fragment's data belongs, in octets; 0 for a whole packet and a first fragment.</summary>
    public int FragmentOffset;

    /// <summary>Where the IPv6 fragment header begins, when there is one.</summary>
    public int FragmentHeaderOffset;

    /// <summary>IPv4's identification (of any packet), or that of the IPv6 fragment header.</summary>
    public uint FragmentId;

    /// <summary>Whether the packet is part of a larger one.</summary>
    public readonly bool IsFragment => MoreFragments || FragmentOffset != 0;

    /// <summary>Whether the packet is a fragment without the L4 header.</summary>
    public readonly bool IsLaterFragment => FragmentOffset != 0;

    /// <summary>Octets of the IP header with options or extension headers.</summary>
    public readonly int IpHeaderLength => L4Offset - IpOffset;

    /// <summary>Octets of the frame without Ethernet padding.</summary>
    public readonly int FrameLength => IpOffset + IpLength;

    /// <summary>Whether an L4 header begins at <see cref="L4Offset"/>: no later fragment, and not "no next header".</summary>
    public readonly bool HasL4 => FragmentOffset == 0 && Protocol != IpProtocol.NoNextHeader;

    /// <summary>Finds the shape of an Ethernet frame.</summary>
    /// <param name="frame">The frame, Ethernet header included, FCS not.</param>
    /// <param name="shape">The shape; with <see cref="Error"/> set, and the L2 fields as far as they were read, when false is returned.</param>
    public static bool TryParse(ReadOnlySpan<byte> frame, out PacketShape shape)
    {
        shape = default;
        if (frame.Length < EthernetHeader.Size) return shape.Fail(PacketShapeError.TruncatedEthernet);
        shape.EtherType = BinaryPrimitives.ReadUInt16BigEndian(frame[12..]);
        shape.IpOffset = EthernetHeader.Size;
        if (Headers.EtherType.IsVlan(shape.EtherType) && !shape.ReadTags(frame)) return false;
        return shape.EtherType switch
        {
            Headers.EtherType.Ipv4 => shape.ReadIpv4(frame, false),
            Headers.EtherType.Ipv6 => shape.ReadIpv6(frame, false),
            _ => shape.Fail(PacketShapeError.NotIp),
        };
    }

    /// <summary>Finds the shape of an IP packet without an Ethernet header.</summary>
    /// <param name="octets">The packet; octets behind its own length are left out.</param>
    /// <param name="family">Which IP version it must be.</param>
    /// <param name="shape">The shape; offsets count from the IP header.</param>
    public static bool TryParseIp(ReadOnlySpan<byte> octets, IpFamily family, out PacketShape shape)
    {
        shape = default;
        return family == IpFamily.V4 ? shape.ReadIpv4(octets, false) : shape.ReadIpv6(octets, false);
    }

    /// <summary>
    /// Finds the shape of a packet quoted in an ICMP error, which may end anywhere behind its IP header
    /// (RFC 792: "the first 64 bits"; RFC 4443 §2.4 (c): as much as fits).
    /// </summary>
    /// <param name="octets">The quote.</param>
    /// <param name="family">Which IP version it must be.</param>
    /// <param name="shape">The shape; offsets count from the quoted IP header, <see cref="IpLength"/> is what the header says.</param>
    public static bool TryParseQuote(ReadOnlySpan<byte> octets, IpFamily family, out PacketShape shape)
    {
        shape = default;
        return family == IpFamily.V4 ? shape.ReadIpv4(octets, true) : shape.ReadIpv6(octets, true);
    }

    private bool ReadTags(ReadOnlySpan<byte> frame)
    {
        while (Headers.EtherType.IsVlan(EtherType))
        {
            if (VlanTags == 2) return Fail(PacketShapeError.TooManyVlanTags);
            if (frame.Length < IpOffset + VlanTag.Size) return Fail(PacketShapeError.TruncatedVlanTag);
            ref readonly VlanTag tag = ref WireView.ReadAt<VlanTag>(frame, IpOffset);
            if (VlanTags == 0) VlanId = tag.Id;
            else InnerVlanId = tag.Id;
            EtherType = tag.EtherType.Host;
            IpOffset += VlanTag.Size;
            VlanTags++;
        }

        return true;
    }

    private bool ReadIpv4(ReadOnlySpan<byte> octets, bool isQuote)
    {
        int available = octets.Length - IpOffset;
        if (available < Ipv4Header.Size) return Fail(PacketShapeError.TruncatedIpv4Header);
        ref readonly Ipv4Header header = ref WireView.ReadAt<Ipv4Header>(octets, IpOffset);
        int headerLength = header.HeaderLength;
        if (header.Version != 4 || headerLength < Ipv4Header.Size) return Fail(PacketShapeError.BadIpv4Header);
        if (headerLength > available) return Fail(PacketShapeError.TruncatedIpv4Header);
        IpLength = header.TotalLength.Host;
        if (IpLength < headerLength) return Fail(PacketShapeError.LyingIpv4Length);
        if (IpLength > available && !isQuote) return Fail(PacketShapeError.LyingIpv4Length);
        Family = IpFamily.V4;
        Protocol = header.Protocol;
        L4Offset = IpOffset + headerLength;
        L4Length = Math.Min(IpLength, available) - headerLength;
        FragmentId = header.Identification.Host;
        if (!header.IsFragment) return true;
        MoreFragments = header.MoreFragments;
        FragmentOffset = header.FragmentOffset;

        // RFC 791 §3.1: the whole packet has at most 65535 octets, header included.
        return FragmentOffset + IpLength <= ushort.MaxValue || Fail(PacketShapeError.OversizeFragment);
    }

    private bool ReadIpv6(ReadOnlySpan<byte> octets, bool isQuote)
    {
        int available = octets.Length - IpOffset;
        if (available < Ipv6Header.Size) return Fail(PacketShapeError.TruncatedIpv6Header);
        ref readonly Ipv6Header header = ref WireView.ReadAt<Ipv6Header>(octets, IpOffset);
        if (header.Version != 6) return Fail(PacketShapeError.BadIpv6Header);
        int payloadLength = header.PayloadLength.Host;
        if (payloadLength == 0 && header.NextHeader == IpProtocol.HopByHop) return Fail(PacketShapeError.Jumbogram);
        IpLength = Ipv6Header.Size + payloadLength;
        if (IpLength > available && !isQuote) return Fail(PacketShapeError.LyingIpv6Length);
        Family = IpFamily.V6;
        Protocol = header.NextHeader;
        L4Offset = IpOffset + Ipv6Header.Size;
        L4Length = Math.Min(IpLength, available) - Ipv6Header.Size;
        return !Ipv6ExtensionWalk.IsExtension(Protocol) || WalkExtensions(octets.Slice(L4Offset, L4Length));
    }

    private bool WalkExtensions(ReadOnlySpan<byte> payload)
    {
        if (!Ipv6ExtensionWalk.TryWalk(payload, Protocol, out Ipv6ExtensionWalk walk))
            return Fail(PacketShapeError.BadIpv6Extension);
        HasFragmentHeader = walk.HasFragmentHeader;
        FragmentHeaderOffset = walk.HasFragmentHeader ? L4Offset + walk.FragmentHeaderOffset : 0;
        FragmentOffset = walk.FragmentOffset;
        FragmentId = walk.FragmentId;
        MoreFragments = walk.MoreFragments;
        Protocol = walk.Protocol;
        L4Offset += walk.Offset;
        L4Length -= walk.Offset;

        // RFC 8200 §4.5: the reassembled payload has at most 65535 octets.
        return !IsFragment || FragmentOffset + L4Length <= ushort.MaxValue || Fail(PacketShapeError.OversizeFragment);
    }

    private bool Fail(PacketShapeError error)
    {
        Error = error;
        return false;
    }
}
