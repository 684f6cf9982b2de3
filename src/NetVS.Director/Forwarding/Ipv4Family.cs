using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NetVS.Director.Icmp;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <summary>IPv4 in the packet path.</summary>
internal readonly struct Ipv4Family : IAddressFamily<Ipv4Address>
{
    /// <inheritdoc/>
    public static IpFamily Family => IpFamily.V4;

    /// <inheritdoc/>
    public static ushort EtherType => Packets.Headers.EtherType.Ipv4;

    /// <inheritdoc/>
    public static int HeaderSize => Ipv4Header.Size;

    /// <inheritdoc/>
    public static IpProtocol IcmpProtocol => IpProtocol.Icmp;

    /// <inheritdoc/>
    public static IpAddress ToIpAddress(Ipv4Address address) => address;

    /// <inheritdoc/>
    public static Ipv4Address FromIpAddress(in IpAddress address) => address.V4;

    /// <inheritdoc/>
    public static Ipv4Address Mask(VirtualServiceRule rule, Ipv4Address client) => new(client.Value & rule.Netmask);

    /// <inheritdoc/>
    public static bool IsPossibleSource(Ipv4Address address) =>
        !address.IsLoopback && !address.IsMulticast && address.Value >> 24 != 0 && !address.IsLimitedBroadcast;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Ipv4Address SourceOf(ReadOnlySpan<byte> ip) => WireView.ReadAt<Ipv4Header>(ip, 0).SourceAddress.Host;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Ipv4Address DestinationOf(ReadOnlySpan<byte> ip) => WireView.ReadAt<Ipv4Header>(ip, 0).DestinationAddress.Host;

    /// <inheritdoc/>
    public static ChecksumDelta RewriteSource(Span<byte> ip, Ipv4Address address) =>
        WireView.At<Ipv4Header>(ip, 0).RewriteSourceAddress(address);

    /// <inheritdoc/>
    public static ChecksumDelta RewriteDestination(Span<byte> ip, Ipv4Address address) =>
        WireView.At<Ipv4Header>(ip, 0).RewriteDestinationAddress(address);

    /// <inheritdoc/>
    public static void RewriteLength(Span<byte> ip, int octets) =>
        WireView.At<Ipv4Header>(ip, 0).RewriteTotalLength((ushort)octets);

    /// <inheritdoc/>
    public static byte TtlOf(ReadOnlySpan<byte> ip) => WireView.ReadAt<Ipv4Header>(ip, 0).Ttl;

    /// <inheritdoc/>
    public static void DecrementTtl(Span<byte> ip)
    {
        ref Ipv4Header header = ref WireView.At<Ipv4Header>(ip, 0);
        header.RewriteTtl((byte)(header.Ttl - 1));
    }

    /// <inheritdoc/>
    public static byte TosOf(ReadOnlySpan<byte> ip) => WireView.ReadAt<Ipv4Header>(ip, 0).Tos;

    /// <inheritdoc/>
    public static ushort IdentificationOf(ReadOnlySpan<byte> ip) => WireView.ReadAt<Ipv4Header>(ip, 0).Identification.Host;

    /// <inheritdoc/>
    public static bool MayBeFragmented(ReadOnlySpan<byte> ip) => !WireView.ReadAt<Ipv4Header>(ip, 0).DontFragment;

    /// <inheritdoc/>
    public static bool HasGoodHeaderChecksum(ReadOnlySpan<byte> ip) => IpHeaderRewriting.VerifyIpv4Checksum(ip);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadPlain(ReadOnlySpan<byte> frame, ref PlainPacket<Ipv4Address> plain)
    {
        if (frame.Length < PlainHeaders.Size) return false;
        ref readonly PlainHeaders headers = ref WireView.ReadAt<PlainHeaders>(frame, 0);
        int ipLength = headers.Ip.TotalLength.Host, l4Length = ipLength - Ipv4Header.Size;
        if (headers.Ethernet.EtherType.Host != EtherType || headers.Ip.VersionAndHeaderLength != PlainHeaders.VersionAndHeaderLength ||
            headers.Ip.IsFragment || ipLength > frame.Length - EthernetHeader.Size)
            return false;

        IpProtocol protocol = headers.Ip.Protocol;
        if (!PlainL4.TryRead(frame, EthernetHeader.Size + Ipv4Header.Size, l4Length, protocol, out TcpFlags flags)) return false;
        if (!IpHeaderRewriting.HasGoodChecksum(in headers.Ip)) return false;
        plain.IpLength = ipLength;
        plain.Ends = new FlowEnds<Ipv4Address>
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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ChecksumDelta Redirect(Span<byte> ip, Ipv4Address destination)
    {
        ref Ipv4Header header = ref WireView.At<Ipv4Header>(ip, 0);
        var delta = ChecksumDelta.Replace(header.DestinationAddress.Host, destination);
        header.DestinationAddress.Host = destination;
        header.DecrementTtl(delta);
        return delta;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ChecksumDelta Disguise(Span<byte> ip, Ipv4Address source)
    {
        ref Ipv4Header header = ref WireView.At<Ipv4Header>(ip, 0);
        var delta = ChecksumDelta.Replace(header.SourceAddress.Host, source);
        header.SourceAddress.Host = source;
        header.DecrementTtl(delta);
        return delta;
    }

    /// <inheritdoc/>
    public static int LargestIcmpError => 576;

    /// <inheritdoc/>
    public static void WriteHeader(Span<byte> ip, in IpHeaderFields<Ipv4Address> fields)
    {
        ref Ipv4Header header = ref WireView.At<Ipv4Header>(ip, 0);
        header.SetHeaderLength(Ipv4Header.Size);
        header.Tos = fields.Tos;
        header.TotalLength.Host = (ushort)(Ipv4Header.Size + fields.PayloadLength);
        header.Identification.Host = fields.Identification;
        header.FlagsAndOffset.Host = fields.DontFragment ? Ipv4Header.DontFragmentFlag : (ushort)0;
        header.Ttl = fields.Ttl;
        header.Protocol = fields.Protocol;
        header.SourceAddress.Host = fields.Source;
        header.DestinationAddress.Host = fields.Destination;
        IpHeaderRewriting.WriteIpv4Checksum(ip);
    }

    /// <inheritdoc/>
    public static ushort TypeAndCodeOf(IcmpReason reason) => reason switch
    {
        IcmpReason.PortUnreachable => (Icmpv4Type.DestinationUnreachable << 8) | Icmpv4Type.CodePortUnreachable,
        IcmpReason.Prohibited => (Icmpv4Type.DestinationUnreachable << 8) | Icmpv4Type.CodeProhibited,
        IcmpReason.TimeExceeded => Icmpv4Type.TimeExceeded << 8,
        IcmpReason.TooBig => (Icmpv4Type.DestinationUnreachable << 8) | Icmpv4Type.CodeFragmentationNeeded,
        _ => (Icmpv4Type.DestinationUnreachable << 8) | Icmpv4Type.CodeHostUnreachable,
    };

    /// <inheritdoc/>
    public static bool IsIcmpError(byte type) => Icmpv4Type.IsError(type);

    /// <inheritdoc/>
    public static bool IsHandledIcmpError(byte type) =>
        type is Icmpv4Type.DestinationUnreachable or Icmpv4Type.SourceQuench or Icmpv4Type.TimeExceeded;

    /// <inheritdoc/>
    public static bool TryFindService(
        ServiceTable table, IpProtocol protocol, Ipv4Address address, ushort port, uint mark, out VirtualServiceState? service) =>
        table.TryFind(protocol, address, port, mark, out service);

    /// <inheritdoc/>
    public static uint MarkOf(ServiceTable table, IpProtocol protocol, Ipv4Address address, ushort port) => table.MarkOf(protocol, address, port);

    /// <inheritdoc/>
    public static bool IsRequest(
        ServiceTable table, IpProtocol protocol, Ipv4Address source, ushort sourcePort, Ipv4Address address, ushort port) =>
        table.IsRequest(protocol, source, sourcePort, address, port);

    /// <inheritdoc/>
    public static Ipv4Address AddressOfMark(uint mark) => new(mark);

    /// <inheritdoc/>
    public static bool IsVirtualAddress(ServiceTable table, Ipv4Address address) => table.IsVirtualAddress(address);

    /// <inheritdoc/>
    public static bool IsLocalAddress(ServiceTable table, Ipv4Address address) => table.IsLocalAddress(address);

    /// <inheritdoc/>
    public static bool IsRealAddress(ServiceTable table, Ipv4Address address) => table.IsRealAddress(address);

    /// <summary>The headers of a plain packet up to the ports, and as far as the shortest one reaches.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct PlainHeaders
    {
        public const int Size = EthernetHeader.Size + Ipv4Header.Size + UdpHeader.Size;
        public const byte VersionAndHeaderLength = 0x45;

        public EthernetHeader Ethernet;
        public Ipv4Header Ip;
        public U16Be SourcePort;
        public U16Be DestinationPort;
    }
}
