using NetVS.Packets.Headers;

namespace NetVS.Packets.Checksums;

/// <summary>Changes of IP header fields that keep the IPv4 header checksum right and say what the L4 checksum must learn.</summary>
/// <remarks>RFC 1624 equation 3 for the IPv4 header. The plain fields of the headers change nothing but themselves.</remarks>
public static class IpHeaderRewriting
{
    /// <summary>Changes the source address.</summary>
    /// <returns>The change of the pseudo-header, for <see cref="L4Checksum"/>.</returns>
    public static ChecksumDelta RewriteSourceAddress(this ref Ipv4Header header, Ipv4Address address)
    {
        var delta = ChecksumDelta.Replace(header.SourceAddress.Host, address);
        header.SourceAddress.Host = address;
        header.Checksum.Host = delta.ApplyTo(header.Checksum.Host);
        return delta;
    }

    /// <summary>Changes the destination address.</summary>
    /// <returns>The change of the pseudo-header, for <see cref="L4Checksum"/>.</returns>
    public static ChecksumDelta RewriteDestinationAddress(this ref Ipv4Header header, Ipv4Address address)
    {
        var delta = ChecksumDelta.Replace(header.DestinationAddress.Host, address);
        header.DestinationAddress.Host = address;
        header.Checksum.Host = delta.ApplyTo(header.Checksum.Host);
        return delta;
    }

    /// <summary>Changes the source address.</summary>
    /// <returns>The change of the pseudo-header, for <see cref="L4Checksum"/>.</returns>
    public static ChecksumDelta RewriteSourceAddress(this ref Ipv6Header header, Ipv6Address address)
    {
        var delta = ChecksumDelta.Replace(header.SourceAddress.Host, address);
        header.SourceAddress.Host = address;
        return delta;
    }

    /// <summary>Changes the destination address.</summary>
    /// <returns>The change of the pseudo-header, for <see cref="L4Checksum"/>.</returns>
    public static ChecksumDelta RewriteDestinationAddress(this ref Ipv6Header header, Ipv6Address address)
    {
        var delta = ChecksumDelta.Replace(header.DestinationAddress.Host, address);
        header.DestinationAddress.Host = address;
        return delta;
    }

    /// <summary>Changes TTL.</summary>
    public static void RewriteTtl(this ref Ipv4Header header, byte ttl)
    {
        var delta = ChecksumDelta.Replace((ushort)(header.Ttl << 8), (ushort)(ttl << 8));
        header.Ttl = ttl;
        header.Checksum.Host = delta.ApplyTo(header.Checksum.Host);
    }

    /// <summary>Changes TOS.</summary>
    public static void RewriteTos(this ref Ipv4Header header, byte tos)
    {
        var delta = ChecksumDelta.Replace(header.Tos, (ushort)tos);
        header.Tos = tos;
        header.Checksum.Host = delta.ApplyTo(header.Checksum.Host);
    }

    /// <summary>Changes the total length (octets, header included).</summary>
    public static void RewriteTotalLength(this ref Ipv4Header header, ushort octets)
    {
        var delta = ChecksumDelta.Replace(header.TotalLength.Host, octets);
        header.TotalLength.Host = octets;
        header.Checksum.Host = delta.ApplyTo(header.Checksum.Host);
    }

    /// <summary>Computes the IPv4 header checksum in full and stores it.</summary>
    /// <param name="packet">Begins with the IPv4 header; its header length was checked.</param>
    public static void WriteIpv4Checksum(Span<byte> packet)
    {
        ref Ipv4Header header = ref WireView.At<Ipv4Header>(packet, 0);
        header.Checksum.Host = 0;
        header.Checksum.Host = InternetChecksum.Compute(packet[..header.HeaderLength]);
    }

    /// <summary>Whether the IPv4 header checksum is right.</summary>
    /// <param name="packet">Begins with the IPv4 header; its header length was checked.</param>
    public static bool VerifyIpv4Checksum(ReadOnlySpan<byte> packet)
    {
        int headerLength = WireView.ReadAt<Ipv4Header>(packet, 0).HeaderLength;
        return InternetChecksum.Sum(packet[..headerLength]) == ushort.MaxValue;
    }
}
