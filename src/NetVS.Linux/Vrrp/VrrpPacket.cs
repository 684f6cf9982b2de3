using NetVS.Packets;

namespace NetVS.Linux.Vrrp;

/// <summary>What a raw socket delivered.</summary>
public readonly ref struct VrrpPacket
{
    /// <summary>IPv4: the packet with its header. IPv6: what follows the headers.</summary>
    public ReadOnlySpan<byte> Octets { get; init; }

    /// <summary>IPv6: the sender.</summary>
    public Ipv6Address Source { get; init; }

    /// <summary>IPv6: where it was sent to.</summary>
    public Ipv6Address Destination { get; init; }

    /// <summary>IPv6: its hop limit on arrival.</summary>
    public byte HopLimit { get; init; }
}
