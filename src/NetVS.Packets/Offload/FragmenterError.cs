namespace NetVS.Packets;

/// <summary>Why a packet cannot be cut into fragments.</summary>
public enum FragmenterError : byte
{
    /// <summary>It can.</summary>
    None = 0,

    /// <summary>The frame is no IPv4 packet with right lengths.</summary>
    NotIpv4,

    /// <summary>The frame is no IPv6 packet with right lengths and without extension headers.</summary>
    NotPlainIpv6,

    /// <summary>The packet says "don't fragment".</summary>
    DontFragment,

    /// <summary>The IP MTU has no room for the header and eight octets.</summary>
    MtuTooSmall,
}
