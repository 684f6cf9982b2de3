using System.Runtime.CompilerServices;
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
    public static bool MayBeFragmented(ReadOnlySpan<byte> ip) => !WireView.ReadAt<Ipv4Header>(ip, 0).DontFragment;

    /// <inheritdoc/>
    public static bool HasGoodHeaderChecksum(ReadOnlySpan<byte> ip) => IpHeaderRewriting.VerifyIpv4Checksum(ip);

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
}
