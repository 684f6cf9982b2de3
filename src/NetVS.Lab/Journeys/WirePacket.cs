using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Lab.Journeys;

/// <summary>One TCP packet as a capture shows it: what the labs compare with the textbook.</summary>
internal sealed record WirePacket
{
    /// <summary>When it was captured; nanoseconds on the machine's clock.</summary>
    public required long Time { get; init; }

    /// <summary>The Ethernet source.</summary>
    public required MacAddress SourceMac { get; init; }

    /// <summary>The Ethernet destination.</summary>
    public required MacAddress DestinationMac { get; init; }

    /// <summary>The outer header's addresses where the packet travels in a tunnel; else none.</summary>
    public required (IpAddress Source, IpAddress Destination)? Outer { get; init; }

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
        if (shape.Protocol is IpProtocol.IpInIp or IpProtocol.Ipv6)
        {
            outer = Addresses(ip, shape.Family);
            ip = octets.AsSpan(shape.L4Offset, shape.L4Length);
            if (!PacketShape.TryParseIp(ip, shape.Protocol == IpProtocol.Ipv6 ? IpFamily.V6 : IpFamily.V4, out shape)) return null;
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
            Source = new IpEndpoint(source, tcp.Header.SourcePort.Host),
            Destination = new IpEndpoint(destination, tcp.Header.DestinationPort.Host),
            Ttl = ip[shape.Family == IpFamily.V6 ? 7 : 8],
            Flags = tcp.Header.Flags,
            PayloadLength = tcp.Payload.Length,
            ClientAddress = ClientAddressOption.TryFind(tcp.Options, out IpEndpoint client) ? client : null,
        };
    }

    private static (IpAddress Source, IpAddress Destination) Addresses(ReadOnlySpan<byte> ip, IpFamily family) => family == IpFamily.V6
        ? (Ipv6Address.Read(ip[8..]), Ipv6Address.Read(ip[24..]))
        : (Ipv4Address.Read(ip[12..]), Ipv4Address.Read(ip[16..]));
}
