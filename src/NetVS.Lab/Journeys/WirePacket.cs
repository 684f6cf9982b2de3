using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Lab.Journeys;

/// <summary>One TCP packet as a capture shows it: what the labs compare with the textbook.</summary>
internal sealed record WirePacket
{
    /// <summary>The UDP port of GUE tunnels in labs, IANA's.</summary>
    public const ushort GuePort = 6080;

    /// <summary>When it was captured; nanoseconds on the machine's clock.</summary>
    public required long Time { get; init; }

    /// <summary>The Ethernet source.</summary>
    public required MacAddress SourceMac { get; init; }

    /// <summary>The Ethernet destination.</summary>
    public required MacAddress DestinationMac { get; init; }

    /// <summary>The outer header's addresses where the packet travels in a tunnel; else none.</summary>
    public required (IpAddress Source, IpAddress Destination)? Outer { get; init; }

    /// <summary>What stands between outer and inner header: nothing, "GRE" or "GUE", and whether it has a checksum.</summary>
    public required string Shim { get; init; }

    /// <summary>Source address and port of the (inner) packet.</summary>
    public required IpEndpoint Source { get; init; }

    /// <summary>Destination address and port of the (inner) packet.</summary>
    public required IpEndpoint Destination { get; init; }

    /// <summary>The TTL or hop limit of the (inner) packet.</summary>
    public required byte Ttl { get; init; }

    /// <summary>TCP's flags.</summary>
    public required TcpFlags Flags { get; init; }

    /// <summary>Octets of TCP payload.</summary>
    public required int PayloadLength { get; init; }

    /// <summary>What a TOA option tells about the client; none without the option.</summary>
    public required IpEndpoint? ClientAddress { get; init; }

    /// <summary>Reads a frame; null when it is no TCP packet, tunnelled or not.</summary>
    public static WirePacket? Read(long time, ReadOnlySpan<byte> frame)
    {
        byte[] octets = frame.ToArray();
        if (!PacketShape.TryParse(octets, out PacketShape shape)) return null;
        ReadOnlySpan<byte> ip = octets.AsSpan(shape.IpOffset, shape.IpLength);
        (IpAddress, IpAddress)? outer = null;
        ReadOnlySpan<byte> l4 = octets.AsSpan(shape.L4Offset, shape.L4Length);
        if (TryReadShim(shape.Protocol, l4, out int shimSize, out IpFamily inner, out string shim))
        {
            outer = Addresses(ip, shape.Family);
            ip = l4[shimSize..];
            if (!PacketShape.TryParseIp(ip, inner, out shape)) return null;
        }
        else if (!PacketShape.TryParseIp(ip, shape.Family, out shape))
        {
            return null;
        }

        if (shape.Protocol != IpProtocol.Tcp || shape.IsLaterFragment) return null;
        byte[] segment = ip.Slice(shape.L4Offset, shape.L4Length).ToArray();
        if (!TcpSegment.TryParse(segment, out TcpSegment tcp)) return null;
        (IpAddress source, IpAddress destination) = Addresses(ip, shape.Family);
        return new WirePacket
        {
            Time = time,
            SourceMac = MacAddress.Read(octets.AsSpan(6, 6)),
            DestinationMac = MacAddress.Read(octets.AsSpan(0, 6)),
            Outer = outer,
            Shim = shim,
            Source = new IpEndpoint(source, tcp.Header.SourcePort.Host),
            Destination = new IpEndpoint(destination, tcp.Header.DestinationPort.Host),
            Ttl = ip[shape.Family == IpFamily.V6 ? 7 : 8],
            Flags = tcp.Header.Flags,
            PayloadLength = tcp.Payload.Length,
            ClientAddress = ClientAddressOption.TryFind(tcp.Options, out IpEndpoint client) ? client : null,
        };
    }

    private static bool TryReadShim(IpProtocol protocol, ReadOnlySpan<byte> l4, out int size, out IpFamily inner, out string shim)
    {
        (size, inner, shim) = (0, IpFamily.None, "");
        switch (protocol)
        {
            case IpProtocol.IpInIp or IpProtocol.Ipv6:
                inner = protocol == IpProtocol.Ipv6 ? IpFamily.V6 : IpFamily.V4;
                return true;
            case IpProtocol.Gre when l4.Length >= GreHeader.SizeWithChecksum:
                ref readonly GreHeader gre = ref WireView.ReadAt<GreHeader>(l4, 0);
                size = gre.HasChecksum ? GreHeader.SizeWithChecksum : GreHeader.Size;
                inner = gre.ProtocolType.Host == EtherType.Ipv6 ? IpFamily.V6 : IpFamily.V4;
                shim = gre.HasChecksum ? "GRE with checksum" : "GRE";
                return true;
            case IpProtocol.Udp when l4.Length >= UdpHeader.Size + GueHeader.Size:
                ref readonly UdpHeader udp = ref WireView.ReadAt<UdpHeader>(l4, 0);
                ref readonly GueHeader gue = ref WireView.ReadAt<GueHeader>(l4, UdpHeader.Size);
                if (udp.DestinationPort.Host != GuePort) return false;
                size = UdpHeader.Size + gue.HeaderLength;
                inner = gue.Protocol == IpProtocol.Ipv6 ? IpFamily.V6 : IpFamily.V4;
                shim = udp.Checksum.Host != 0 ? "GUE with checksum" : "GUE";
                return l4.Length >= size;
            default:
                return false;
        }
    }

    private static (IpAddress Source, IpAddress Destination) Addresses(ReadOnlySpan<byte> ip, IpFamily family) => family == IpFamily.V6
        ? (Ipv6Address.Read(ip[8..]), Ipv6Address.Read(ip[24..]))
        : (Ipv4Address.Read(ip[12..]), Ipv4Address.Read(ip[16..]));
}
