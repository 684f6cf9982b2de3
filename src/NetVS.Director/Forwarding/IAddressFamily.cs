using NetVS.Director.Icmp;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <summary>What differs between IPv4 and IPv6 in the packet path; a struct type argument, so that calls cost nothing.</summary>
/// <remarks>A parameter called <c>ip</c> begins with the IP header of a packet whose <c>PacketShape</c> was found.</remarks>
/// <typeparam name="TAddress">The family's address.</typeparam>
internal interface IAddressFamily<TAddress>
    where TAddress : unmanaged, IEquatable<TAddress>
{
    /// <summary>The family.</summary>
    static abstract IpFamily Family { get; }

    /// <summary>The EtherType of its frames.</summary>
    static abstract ushort EtherType { get; }

    /// <summary>Octets of the IP header without options or extension headers.</summary>
    static abstract int HeaderSize { get; }

    /// <summary>ICMP or ICMPv6.</summary>
    static abstract IpProtocol IcmpProtocol { get; }

    /// <summary>The address as a value of either family.</summary>
    static abstract IpAddress ToIpAddress(TAddress address);

    /// <summary>The address out of a value of this family.</summary>
    static abstract TAddress FromIpAddress(in IpAddress address);

    /// <summary>A client's address under the netmask of a persistent service.</summary>
    static abstract TAddress Mask(VirtualServiceRule rule, TAddress client);

    /// <summary>Whether a packet may come from this address: not loopback, multicast, broadcast or "any".</summary>
    static abstract bool IsPossibleSource(TAddress address);

    /// <summary>The packet's source address.</summary>
    static abstract TAddress SourceOf(ReadOnlySpan<byte> ip);

    /// <summary>The packet's destination address.</summary>
    static abstract TAddress DestinationOf(ReadOnlySpan<byte> ip);

    /// <summary>Changes the source address and keeps the IP header's checksum right.</summary>
    /// <returns>The change of the pseudo-header.</returns>
    static abstract ChecksumDelta RewriteSource(Span<byte> ip, TAddress address);

    /// <summary>Changes the destination address and keeps the IP header's checksum right.</summary>
    /// <returns>The change of the pseudo-header.</returns>
    static abstract ChecksumDelta RewriteDestination(Span<byte> ip, TAddress address);

    /// <summary>Changes the length of the whole packet, headers included, and keeps the IP header's checksum right.</summary>
    static abstract void RewriteLength(Span<byte> ip, int octets);

    /// <summary>TTL or hop limit.</summary>
    static abstract byte TtlOf(ReadOnlySpan<byte> ip);

    /// <summary>Takes one from a TTL or hop limit of at least one; keeps the header's checksum right.</summary>
    static abstract void DecrementTtl(Span<byte> ip);

    /// <summary>TOS or traffic class.</summary>
    static abstract byte TosOf(ReadOnlySpan<byte> ip);

    /// <summary>IPv4's identification; 0 for IPv6, whose header has none.</summary>
    static abstract ushort IdentificationOf(ReadOnlySpan<byte> ip);

    /// <summary>Whether routers may cut the packet: IPv4 without DF.</summary>
    static abstract bool MayBeFragmented(ReadOnlySpan<byte> ip);

    /// <summary>Whether the header's own checksum is right, where there is one.</summary>
    static abstract bool HasGoodHeaderChecksum(ReadOnlySpan<byte> ip);

    /// <summary>Reads a frame whose packet is plain: <see cref="PlainPacket{TAddress}"/>.</summary>
    /// <param name="frame">The frame, of any octets and length.</param>
    /// <param name="plain">Its ends and its length are filled in when true is returned, and nothing else.</param>
    static abstract bool TryReadPlain(ReadOnlySpan<byte> frame, ref PlainPacket<TAddress> plain);

    /// <summary>Changes the destination and takes one from the TTL; as both by themselves, in one.</summary>
    /// <returns>The change of the pseudo-header.</returns>
    static abstract ChecksumDelta Redirect(Span<byte> ip, TAddress destination);

    /// <summary>Changes the source and takes one from the TTL; as both by themselves, in one.</summary>
    /// <returns>The change of the pseudo-header.</returns>
    static abstract ChecksumDelta Disguise(Span<byte> ip, TAddress source);

    /// <summary>Writes a whole IP header without options, its checksum included.</summary>
    /// <param name="ip">Where; at least <see cref="HeaderSize"/> octets.</param>
    /// <param name="fields">What it says.</param>
    static abstract void WriteHeader(Span<byte> ip, in IpHeaderFields<TAddress> fields);

    /// <summary>Type (high octet) and code (low octet) of an ICMP error.</summary>
    static abstract ushort TypeAndCodeOf(IcmpReason reason);

    /// <summary>Octets of the largest ICMP error packet: 576 (RFC 1812 §4.3.2.3) or 1280 (RFC 4443 §2.4 (c)).</summary>
    static abstract int LargestIcmpError { get; }

    /// <summary>Whether an ICMP type is an error, which quotes a packet.</summary>
    static abstract bool IsIcmpError(byte type);

    /// <summary>Whether an ICMP error of this type is translated or forwarded (reference §9); others are the stack's.</summary>
    static abstract bool IsHandledIcmpError(byte type);

    /// <summary>Finds the service a packet is for (reference §2.1).</summary>
    static abstract bool TryFindService(
        ServiceTable table, IpProtocol protocol, TAddress address, ushort port, uint mark, out VirtualServiceState? service);

    /// <summary>The mark that the rules give packets to this end; 0 for none.</summary>
    static abstract uint MarkOf(ServiceTable table, IpProtocol protocol, TAddress address, ushort port);

    /// <summary>Whether packets to this end are requests, if they are anything of the director's.</summary>
    static abstract bool IsRequest(ServiceTable table, IpProtocol protocol, TAddress source, ushort sourcePort, TAddress address, ushort port);

    /// <summary>What stands in a template's VIP for a mark: the mark in the address's first four octets (reference §7.1).</summary>
    static abstract TAddress AddressOfMark(uint mark);

    /// <summary>Whether this is a VIP, or an address with marked ports.</summary>
    static abstract bool IsVirtualAddress(ServiceTable table, TAddress address);

    /// <summary>Whether this is a FULLNAT local address.</summary>
    static abstract bool IsLocalAddress(ServiceTable table, TAddress address);

    /// <summary>Whether replies to rewrite may come from this address.</summary>
    static abstract bool IsRealAddress(ServiceTable table, TAddress address);
}
