namespace NetVS.Packets.Headers;

/// <summary>EtherType numbers this project knows (IEEE 802 Numbers, IANA).</summary>
public static class EtherType
{
    /// <summary>IPv4.</summary>
    public const ushort Ipv4 = 0x0800;

    /// <summary>ARP, RFC 826.</summary>
    public const ushort Arp = 0x0806;

    /// <summary>IEEE 802.1Q customer VLAN tag.</summary>
    public const ushort Vlan = 0x8100;

    /// <summary>IPv6.</summary>
    public const ushort Ipv6 = 0x86DD;

    /// <summary>IEEE 802.1ad service VLAN tag.</summary>
    public const ushort ServiceVlan = 0x88A8;

    /// <summary>Whether the type announces a VLAN tag of either kind.</summary>
    public static bool IsVlan(ushort type) => type is Vlan or ServiceVlan;
}
