using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NetVS.Director.Icmp;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <summary>IPv6 in the packet path.</summary>
internal readonly struct Ipv6Family : IAddressFamily<Ipv6Address>
{
    /// <inheritdoc/>
    public static IpFamily Family => IpFamily.V6;

    /// <inheritdoc/>
    public static ushort EtherType => Packets.Headers.EtherType.Ipv6;

    /// <inheritdoc/>
    public static int HeaderSize => Ipv6Header.Size;

    /// <inheritdoc/>
    public static IpProtocol IcmpProtocol => IpProtocol.IcmpV6;

    /// <inheritdoc/>
    public static IpAddress ToIpAddress(Ipv6Address address) => address;

    /// <inheritdoc/>
    public static Ipv6Address FromIpAddress(in IpAddress address) => address.V6;

    /// <inheritdoc/>
    public static Ipv6Address Mask(VirtualServiceRule rule, Ipv6Address client)
    {
        int bits = (int)Math.Min(rule.NetmaskPrefix, 128);
        ulong high = bits >= 64 ? ulong.MaxValue : bits == 0 ? 0 : ulong.MaxValue << (64 - bits);
        ulong low = bits <= 64 ? 0 : ulong.MaxValue << (128 - bits);
        return new Ipv6Address(client.High & high, client.Low & low);
    }

    /// <inheritdoc/>
    public static bool IsPossibleSource(Ipv6Address address) =>
        !address.IsLoopback && !address.IsMulticast && address != Ipv6Address.Any;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Ipv6Address SourceOf(ReadOnlySpan<byte> ip) => WireView.ReadAt<Ipv6Header>(ip, 0).SourceAddress.Host;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Ipv6Address DestinationOf(ReadOnlySpan<byte> ip) => WireView.ReadAt<Ipv6Header>(ip, 0).DestinationAddress.Host;

    /// <inheritdoc/>
    public static ChecksumDelta RewriteSource(Span<byte> ip, Ipv6Address address) =>
        WireView.At<Ipv6Header>(ip, 0).RewriteSourceAddress(address);

    /// <inheritdoc/>
    public static ChecksumDelta RewriteDestination(Span<byte> ip, Ipv6Address address) =>
        WireView.At<Ipv6Header>(ip, 0).RewriteDestinationAddress(address);

    /// <inheritdoc/>
    public static void RewriteLength(Span<byte> ip, int octets) =>
        WireView.At<Ipv6Header>(ip, 0).PayloadLength.Host = (ushort)(octets - Ipv6Header.Size);

    /// <inheritdoc/>
    public static byte TtlOf(ReadOnlySpan<byte> ip) => WireView.ReadAt<Ipv6Header>(ip, 0).HopLimit;

    /// <inheritdoc/>
    public static void DecrementTtl(Span<byte> ip) => WireView.At<Ipv6Header>(ip, 0).HopLimit--;

    // The traffic class is the second to fourth nibble of the header's first half-word.

    /// <inheritdoc/>
    public static byte TosOf(ReadOnlySpan<byte> ip) => unchecked((byte)(BinaryPrimitives.ReadUInt16BigEndian(ip) >> 4));

    /// <inheritdoc/>
    public static ushort IdentificationOf(ReadOnlySpan<byte> ip) => 0;

    /// <inheritdoc/>
    public static bool MayBeFragmented(ReadOnlySpan<byte> ip) => false;

    /// <inheritdoc/>
    public static bool HasGoodHeaderChecksum(ReadOnlySpan<byte> ip) => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadPlain(ReadOnlySpan<byte> frame, ref PlainPacket<Ipv6Address> plain)
    {
        if (frame.Length < PlainHeaders.Size) return false;
        ref readonly PlainHeaders headers = ref WireView.ReadAt<PlainHeaders>(frame, 0);
        int l4Length = headers.Ip.PayloadLength.Host;
        if (headers.Ethernet.EtherType.Host != EtherType || headers.Ip.Version != 6 || l4Length > frame.Length - EthernetHeader.Size - Ipv6Header.Size)
            return false;

        IpProtocol protocol = headers.Ip.NextHeader;
        if (!PlainL4.TryRead(frame, EthernetHeader.Size + Ipv6Header.Size, l4Length, protocol, out TcpFlags flags)) return false;
        plain.IpLength = Ipv6Header.Size + l4Length;
        plain.Ends = new FlowEnds<Ipv6Address>
        {
            Source = headers.Ip.SourceAddress.Host,
            Destination = headers.Ip.DestinationAddress.Host,
            SourcePort = headers.SourcePort.Host,
            DestinationPort = headers.DestinationPort.Host,
            Protocol = protocol,
            Flags = flags,
            HasL4 = true,
        };
        return true;
    }

    /// <inheritdoc/>
    public static ChecksumDelta Redirect(Span<byte> ip, Ipv6Address destination)
    {
        DecrementTtl(ip);
        return RewriteDestination(ip, destination);
    }

    /// <inheritdoc/>
    public static ChecksumDelta Disguise(Span<byte> ip, Ipv6Address source)
    {
        DecrementTtl(ip);
        return RewriteSource(ip, source);
    }

    /// <inheritdoc/>
    public static int LargestIcmpError => 1280;

    /// <inheritdoc/>
    public static void WriteHeader(Span<byte> ip, in IpHeaderFields<Ipv6Address> fields)
    {
        ref Ipv6Header header = ref WireView.At<Ipv6Header>(ip, 0);
        header.SetClassAndFlow(fields.Tos, 0);
        header.PayloadLength.Host = (ushort)fields.PayloadLength;
        header.NextHeader = fields.Protocol;
        header.HopLimit = fields.Ttl;
        header.SourceAddress.Host = fields.Source;
        header.DestinationAddress.Host = fields.Destination;
    }

    /// <inheritdoc/>
    public static ushort TypeAndCodeOf(IcmpReason reason) => reason switch
    {
        IcmpReason.PortUnreachable => (Icmpv6Type.DestinationUnreachable << 8) | Icmpv6Type.CodePortUnreachable,
        IcmpReason.Prohibited => (Icmpv6Type.DestinationUnreachable << 8) | Icmpv6Type.CodeProhibited,
        IcmpReason.TimeExceeded => Icmpv6Type.TimeExceeded << 8,
        IcmpReason.TooBig => Icmpv6Type.PacketTooBig << 8,
        _ => (Icmpv6Type.DestinationUnreachable << 8) | Icmpv6Type.CodeAddressUnreachable,
    };

    /// <inheritdoc/>
    public static bool IsIcmpError(byte type) => Icmpv6Type.IsError(type);

    /// <inheritdoc/>
    public static bool IsHandledIcmpError(byte type) =>
        Icmpv6Type.IsError(type);

    /// <inheritdoc/>
    public static bool TryFindService(
        ServiceTable table, IpProtocol protocol, Ipv6Address address, ushort port, uint mark, out VirtualServiceState? service) =>
        table.TryFind(protocol, address, port, mark, out service);

    /// <inheritdoc/>
    public static uint MarkOf(ServiceTable table, IpProtocol protocol, Ipv6Address address, ushort port) => table.MarkOf(protocol, address, port);

    /// <inheritdoc/>
    public static bool IsRequest(
        ServiceTable table, IpProtocol protocol, Ipv6Address source, ushort sourcePort, Ipv6Address address, ushort port) =>
        table.IsRequest(protocol, source, sourcePort, address, port);

    /// <inheritdoc/>
    public static Ipv6Address AddressOfMark(uint mark) => new((ulong)mark << 32, 0);

    /// <inheritdoc/>
    public static bool IsVirtualAddress(ServiceTable table, Ipv6Address address) => table.IsVirtualAddress(address);

    /// <inheritdoc/>
    public static bool IsLocalAddress(ServiceTable table, Ipv6Address address) => table.IsLocalAddress(address);

    /// <inheritdoc/>
    public static bool IsRealAddress(ServiceTable table, Ipv6Address address) => table.IsRealAddress(address);

    /// <summary>The headers of a plain packet up to the ports, and as far as the shortest one reaches.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct PlainHeaders
    {
        public const int Size = EthernetHeader.Size + Ipv6Header.Size + UdpHeader.Size;

        public EthernetHeader Ethernet;
        public Ipv6Header Ip;
        public U16Be SourcePort;
        public U16Be DestinationPort;
    }
}
