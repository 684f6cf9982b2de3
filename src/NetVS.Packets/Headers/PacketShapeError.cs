namespace NetVS.Packets.Headers;

/// <summary>Why a frame has no <see cref="PacketShape"/>.</summary>
public enum PacketShapeError : byte
{
    /// <summary>It has one.</summary>
    None = 0,

    /// <summary>Neither IPv4 nor IPv6 (ARP, LLDP …): no fault of the frame's.</summary>
    NotIp,

    /// <summary>Shorter than an Ethernet header.</summary>
    TruncatedEthernet,

    /// <summary>A VLAN tag is announced and does not fit.</summary>
    TruncatedVlanTag,

    /// <summary>More than two VLAN tags.</summary>
    TooManyVlanTags,

    /// <summary>Ends inside the IPv4 header or its options.</summary>
    TruncatedIpv4Header,

    /// <summary>EtherType says IPv4, the version field does not, or the header length is below 20.</summary>
    BadIpv4Header,

    /// <summary>The total length is below the header length, or more than the frame holds.</summary>
    LyingIpv4Length,

    /// <summary>Ends inside the IPv6 header.</summary>
    TruncatedIpv6Header,

    /// <summary>EtherType says IPv6, the version field does not.</summary>
    BadIpv6Header,

    /// <summary>The payload length is more than the frame holds.</summary>
    LyingIpv6Length,

    /// <summary>An IPv6 jumbogram (RFC 2675), which is not supported.</summary>
    Jumbogram,

    /// <summary>The chain of IPv6 extension headers ends beyond the packet, is too long, or breaks RFC 8200's rules.</summary>
    BadIpv6Extension,

    /// <summary>A fragment whose data would end beyond 65535 octets of payload.</summary>
    OversizeFragment,
}
