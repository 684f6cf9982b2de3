namespace NetVS.Packets;

/// <summary>The kind of an unsegmented frame; values as virtio's <c>VIRTIO_NET_HDR_GSO_*</c>.</summary>
public enum GsoKind : byte
{
    /// <summary>An ordinary frame.</summary>
    None = 0,

    /// <summary>TCP over IPv4.</summary>
    TcpV4 = 1,

    /// <summary>TCP over IPv6.</summary>
    TcpV6 = 4,

    /// <summary>UDP cut into datagrams (UDP_SEGMENT).</summary>
    UdpL4 = 5,
}
