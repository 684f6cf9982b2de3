// Reference §8.4; RFC 2784 (GRE), draft-ietf-intarea-gue-09 §3 and draft-herbert-remotecsumoffload §2 (GUE), RFC 768, RFC 6936 (UDP zero checksums in tunnels).

using System.Buffers.Binary;
using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <summary>What stands between a tunnel's outer IP header and the packet inside: nothing (IPIP), GRE, or UDP with GUE.</summary>
/// <remarks>Lengths are octets. The shim's octets are written before the outer header and depend on nothing in it but the addresses.</remarks>
internal static class TunnelHeaders
{
    // net.ipv4.ip_local_port_range as Linux has it from the start: where the kernel's tunnels take their UDP source ports from.
    private const int FirstSourcePort = 32768;
    private const int SourcePorts = 60999 - FirstSourcePort;

    /// <summary>Octets of the outer IP header.</summary>
    public static int OuterSize(IpFamily outer) => outer == IpFamily.V4 ? Ipv4Header.Size : Ipv6Header.Size;

    /// <summary>Octets by which a packet grows in the tunnel, without GUE's remote checksum field, which few packets have.</summary>
    public static int OverheadOf(DestinationRule rule) => OuterSize(rule.Real.Address.Family) + ShimSize(rule, hasRemoteChecksum: false);

    /// <summary>Octets between the outer IP header and the packet inside.</summary>
    /// <param name="rule">The tunnel.</param>
    /// <param name="hasRemoteChecksum">Whether the packet's checksum is left to the tunnel's other end.</param>
    public static int ShimSize(DestinationRule rule, bool hasRemoteChecksum) => rule.TunnelType switch
    {
        TunnelType.Gue => UdpHeader.Size + GueHeader.Size + (hasRemoteChecksum ? GueHeader.RemoteChecksumSize : 0),
        TunnelType.Gre => rule.TunnelChecksum == TunnelChecksum.Checksum ? GreHeader.SizeWithChecksum : GreHeader.Size,
        _ => 0,
    };

    /// <summary>The smallest IP MTU inside at which a tunnel still forwards (reference §8.4), by the family outside.</summary>
    public static int LeastMtu(IpFamily outer) => outer == IpFamily.V4 ? 68 : 1280;

    /// <summary>What the outer IP header says follows.</summary>
    public static IpProtocol ProtocolOf(DestinationRule rule, IpFamily inner) => rule.TunnelType switch
    {
        TunnelType.Gue => IpProtocol.Udp,
        TunnelType.Gre => IpProtocol.Gre,
        _ => InnerProtocol(inner),
    };

    /// <summary>Whether a packet with this unfinished checksum may leave it to the tunnel's other end.</summary>
    /// <remarks>An Internet checksum it must be: SCTP's is another one, and the field says nothing about which.</remarks>
    public static bool TakesRemoteChecksum(DestinationRule rule, in PacketOffload offload, int ipOffset) =>
        rule.TunnelType == TunnelType.Gue && rule.TunnelChecksum == TunnelChecksum.RemoteChecksum && offload.NeedsChecksum &&
        offload.ChecksumStart > ipOffset && offload.ChecksumOffset is UdpHeader.ChecksumOffset or TcpHeader.ChecksumOffset;

    /// <summary>The UDP source port of a flow: the same for all its packets, so that routers spread flows and keep their order.</summary>
    public static ushort SourcePortOf(uint flowHash) => (ushort)(FirstSourcePort + (int)(((ulong)flowHash * SourcePorts) >> 32));

    /// <summary>Writes a GUE tunnel's UDP and GUE headers, and the checksum if there is one.</summary>
    /// <param name="octets">From the UDP header to the end of the packet inside.</param>
    /// <param name="rule">The tunnel.</param>
    /// <param name="inner">The family of the packet inside.</param>
    /// <param name="sourcePort">The UDP source port.</param>
    /// <param name="remote">
    /// With a remote checksum, where it begins (high half) and where it is stored (low half), both counted from the packet inside; else 0.
    /// </param>
    /// <param name="source">The outer source address.</param>
    public static void WriteGue(Span<byte> octets, DestinationRule rule, IpFamily inner, ushort sourcePort, uint remote, IpAddress source)
    {
        ref UdpHeader udp = ref WireView.At<UdpHeader>(octets, 0);
        udp.SourcePort.Host = sourcePort;
        udp.DestinationPort.Host = rule.TunnelPort;

        // A length that does not fit is refused before: a packet of 65,535 octets is the largest outside.
        udp.Length.Host = (ushort)octets.Length;
        udp.Checksum.Host = 0;
        ref GueHeader gue = ref WireView.At<GueHeader>(octets, UdpHeader.Size);
        gue.VersionAndLength = 0;
        gue.Protocol = InnerProtocol(inner);
        gue.Flags.Host = 0;
        if (remote != 0)
        {
            gue.VersionAndLength = GueHeader.RemoteChecksumSize / 4;
            gue.Flags.Host = GueHeader.PrivateFlag;
            Span<byte> fields = octets.Slice(UdpHeader.Size + GueHeader.Size, GueHeader.RemoteChecksumSize);
            BinaryPrimitives.WriteUInt32BigEndian(fields, GueHeader.RemoteChecksumFlag);
            BinaryPrimitives.WriteUInt32BigEndian(fields[4..], remote);
        }

        if (rule.TunnelChecksum == TunnelChecksum.None) return;
        ushort sum = PseudoHeader.Sum(source, rule.Real.Address, IpProtocol.Udp, octets.Length);
        udp.Checksum.Host = UdpChecksum.ToWire(InternetChecksum.Finish(InternetChecksum.Add(sum, InternetChecksum.Sum(octets))));
    }

    /// <summary>Writes a GRE header, and its checksum if there is one.</summary>
    /// <param name="octets">From the GRE header to the end of the packet inside.</param>
    /// <param name="rule">The tunnel.</param>
    /// <param name="inner">The family of the packet inside.</param>
    public static void WriteGre(Span<byte> octets, DestinationRule rule, IpFamily inner)
    {
        ref GreHeader gre = ref WireView.At<GreHeader>(octets, 0);
        bool hasChecksum = rule.TunnelChecksum == TunnelChecksum.Checksum;
        gre.FlagsAndVersion.Host = hasChecksum ? GreHeader.ChecksumFlag : (ushort)0;
        gre.ProtocolType.Host = inner == IpFamily.V4 ? EtherType.Ipv4 : EtherType.Ipv6;
        if (!hasChecksum) return;
        octets.Slice(GreHeader.Size, GreHeader.SizeWithChecksum - GreHeader.Size).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(octets[GreHeader.Size..], InternetChecksum.Compute(octets));
    }

    private static IpProtocol InnerProtocol(IpFamily inner) => inner == IpFamily.V4 ? IpProtocol.IpInIp : IpProtocol.Ipv6;
}
