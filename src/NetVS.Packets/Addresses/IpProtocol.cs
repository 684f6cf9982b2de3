namespace NetVS.Packets;

/// <summary>IP protocol and IPv6 next-header numbers this project knows (IANA "Protocol Numbers").</summary>
public enum IpProtocol : byte
{
    /// <summary>0: as an IPv6 next header, hop-by-hop options; in IPVS, "any protocol" of a mark template.</summary>
    HopByHop = 0,

    /// <summary>ICMP for IPv4, RFC 792.</summary>
    Icmp = 1,

    /// <summary>IPv4 in IP, RFC 2003.</summary>
    IpInIp = 4,

    /// <summary>TCP, RFC 9293.</summary>
    Tcp = 6,

    /// <summary>UDP, RFC 768.</summary>
    Udp = 17,

    /// <summary>IPv6 in IP, RFC 2473 and RFC 4213.</summary>
    Ipv6 = 41,

    /// <summary>IPv6 routing header.</summary>
    Routing = 43,

    /// <summary>IPv6 fragment header.</summary>
    Fragment = 44,

    /// <summary>GRE, RFC 2784.</summary>
    Gre = 47,

    /// <summary>IPsec ESP, RFC 4303.</summary>
    Esp = 50,

    /// <summary>IPsec AH, RFC 4302.</summary>
    Ah = 51,

    /// <summary>ICMPv6, RFC 4443.</summary>
    IcmpV6 = 58,

    /// <summary>IPv6 "no next header".</summary>
    NoNextHeader = 59,

    /// <summary>IPv6 destination options.</summary>
    DestinationOptions = 60,

    /// <summary>VRRP, RFC 9568.</summary>
    Vrrp = 112,

    /// <summary>SCTP, RFC 9260.</summary>
    Sctp = 132,

    /// <summary>IPv6 mobility header, RFC 6275.</summary>
    Mobility = 135,
}
