using System.Buffers.Binary;
using NetVS.Director.Network;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <summary>A packet of one of the director's tunnels, as far as an ICMP error quotes it: where the packet inside is.</summary>
internal readonly struct TunnelQuote
{
    // The longest GUE header the director writes.
    private const int LongestGue = GueHeader.Size + GueHeader.RemoteChecksumSize;

    /// <summary>The family of the packet inside; None where the quote ends before it says so.</summary>
    public IpFamily Inner { get; private init; }

    /// <summary>Where the packet inside begins, counted from the L4 header of the quoted packet.</summary>
    public int Offset { get; private init; }

    /// <summary>Looks whether a packet is one of the director's tunnels' (reference §9.3).</summary>
    /// <param name="table">The rules.</param>
    /// <param name="network">The director's own addresses.</param>
    /// <param name="protocol">What the outer IP header says follows.</param>
    /// <param name="source">The outer source.</param>
    /// <param name="destination">The outer destination.</param>
    /// <param name="l4">What is quoted behind the outer IP header.</param>
    /// <param name="quote">Where the packet inside is.</param>
    public static bool TryRead(
        ServiceTable table, NetworkState network, IpProtocol protocol, IpAddress source, IpAddress destination, ReadOnlySpan<byte> l4, out TunnelQuote quote)
    {
        quote = default;
        bool isOurs = protocol switch
        {
            IpProtocol.IpInIp or IpProtocol.Ipv6 => table.IsTunnelEnd(IpProtocol.IpInIp, destination, 0),
            IpProtocol.Gre => table.IsTunnelEnd(IpProtocol.Gre, destination, 0) && TryReadGre(l4, out quote),
            IpProtocol.Udp => l4.Length >= UdpHeader.Size &&
                table.IsTunnelEnd(IpProtocol.Udp, destination, BinaryPrimitives.ReadUInt16BigEndian(l4[2..])) && TryReadGue(l4, out quote),
            _ => false,
        };
        if (!isOurs || !network.IsLocal(source)) return false;
        if (protocol is IpProtocol.IpInIp or IpProtocol.Ipv6) quote = new TunnelQuote { Inner = FamilyOf(protocol) };
        return true;
    }

    private static bool TryReadGre(ReadOnlySpan<byte> l4, out TunnelQuote quote)
    {
        quote = default;
        if (l4.Length < GreHeader.Size) return false;
        ref readonly GreHeader header = ref WireView.ReadAt<GreHeader>(l4, 0);
        IpFamily inner = header.ProtocolType.Host switch { EtherType.Ipv4 => IpFamily.V4, EtherType.Ipv6 => IpFamily.V6, _ => IpFamily.None };
        quote = new TunnelQuote { Inner = inner, Offset = header.HasChecksum ? GreHeader.SizeWithChecksum : GreHeader.Size };
        return inner != IpFamily.None && (header.FlagsAndVersion.Host & ~GreHeader.ChecksumFlag) == 0;
    }

    // RFC 792 promises eight octets, which is the UDP header and nothing of GUE's: still ours, by the port.
    private static bool TryReadGue(ReadOnlySpan<byte> l4, out TunnelQuote quote)
    {
        quote = default;
        if (l4.Length < UdpHeader.Size + GueHeader.Size) return true;
        ref readonly GueHeader header = ref WireView.ReadAt<GueHeader>(l4, UdpHeader.Size);
        IpFamily inner = FamilyOf(header.Protocol);
        quote = new TunnelQuote { Inner = inner, Offset = UdpHeader.Size + header.HeaderLength };
        return inner != IpFamily.None && header.Version == 0 && !header.IsControl && header.HeaderLength <= LongestGue;
    }

    private static IpFamily FamilyOf(IpProtocol protocol) => protocol switch
    {
        IpProtocol.IpInIp => IpFamily.V4,
        IpProtocol.Ipv6 => IpFamily.V6,
        _ => IpFamily.None,
    };
}
