using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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

    /// <summary>Takes one from a TTL of at least one, when something else changes too: one repair of the checksum for both.</summary>
    /// <param name="header">The header.</param>
    /// <param name="other">What else changed in it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void DecrementTtl(this ref Ipv4Header header, ChecksumDelta other)
    {
        ushort old = (ushort)(header.Ttl << 8);
        header.Ttl--;
        header.Checksum.Host = (other + ChecksumDelta.Replace(old, (ushort)(header.Ttl << 8))).ApplyTo(header.Checksum.Host);
    }

    /// <summary>Whether the checksum of a header without options is right.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HasGoodChecksum(in Ipv4Header header)
    {
        ReadOnlySpan<byte> octets = MemoryMarshal.AsBytes(new ReadOnlySpan<Ipv4Header>(in header));
        ulong first = MemoryMarshal.Read<ulong>(octets), second = MemoryMarshal.Read<ulong>(octets[8..]);
        ulong sum = (first & uint.MaxValue) + (first >> 32) + (second & uint.MaxValue) + (second >> 32) + MemoryMarshal.Read<uint>(octets[16..]);
        return InternetChecksum.Fold(sum) == ushort.MaxValue;
    }

    /// <summary>Whether the IPv4 header checksum is right.</summary>
    /// <param name="packet">Begins with the IPv4 header; its header length was checked.</param>
    public static bool VerifyIpv4Checksum(ReadOnlySpan<byte> packet)
    {
        ref readonly Ipv4Header header = ref WireView.ReadAt<Ipv4Header>(packet, 0);
        int headerLength = header.HeaderLength;
        if (headerLength == Ipv4Header.Size) return HasGoodChecksum(in header);
        return InternetChecksum.Sum(packet[..headerLength]) == ushort.MaxValue;
    }
}
