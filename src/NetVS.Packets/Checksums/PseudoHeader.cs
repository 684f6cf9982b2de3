using System.Runtime.CompilerServices;

namespace NetVS.Packets.Checksums;

/// <summary>Sums of the pseudo-header that TCP, UDP and ICMPv6 checksums begin with.</summary>
/// <remarks>RFC 9293 §3.1 and RFC 768 for IPv4; RFC 8200 §8.1 for IPv6. Byte order: host.</remarks>
public static class PseudoHeader
{
    /// <summary>The folded sum of addresses, protocol and L4 length for IPv4.</summary>
    /// <param name="source">The source address.</param>
    /// <param name="destination">The destination address.</param>
    /// <param name="protocol">The L4 protocol.</param>
    /// <param name="l4Length">Octets of L4 header and payload.</param>
    public static ushort Sum(Ipv4Address source, Ipv4Address destination, IpProtocol protocol, int l4Length) =>
        InternetChecksum.Fold((ulong)source.Value + destination.Value + (uint)protocol + (uint)l4Length);

    /// <summary>The folded sum of addresses, length and next header for IPv6.</summary>
    /// <param name="source">The source address.</param>
    /// <param name="destination">The destination address (the final one, when there is a routing header).</param>
    /// <param name="protocol">The L4 protocol, not the fixed header's next header.</param>
    /// <param name="l4Length">Octets of L4 header and payload, without extension headers.</param>
    public static ushort Sum(Ipv6Address source, Ipv6Address destination, IpProtocol protocol, int l4Length) =>
        InternetChecksum.Fold(AddressSum(source) + AddressSum(destination) + (uint)protocol + (uint)l4Length);

    /// <summary>The folded sum for either family; both addresses are of the same one.</summary>
    public static ushort Sum(IpAddress source, IpAddress destination, IpProtocol protocol, int l4Length) =>
        source.Family == IpFamily.V6
            ? Sum(source.V6, destination.V6, protocol, l4Length)
            : Sum(source.V4, destination.V4, protocol, l4Length);

    /// <summary>The sum of an IPv6 address' words, not folded; below 2^34.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong AddressSum(Ipv6Address address) =>
        (address.High >> 32) + (address.High & 0xFFFF_FFFF) + (address.Low >> 32) + (address.Low & 0xFFFF_FFFF);
}
