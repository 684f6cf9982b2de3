using NetVS.Packets.Headers;
using NetVS.Testing.Packets;

namespace NetVS.Packets.Tests.Testing;

/// <summary>One good frame of every kind the builder knows; seeds for mutation, truncation and the witnesses.</summary>
internal static class SampleFrames
{
    private const string A4 = "203.0.113.7:40000", B4 = "10.0.0.1:80", A6 = "[2001:db8::7]:40000", B6 = "[2001:db8:1::1]:80";

    public static IReadOnlyDictionary<string, PacketBuilder> All { get; } = new Dictionary<string, PacketBuilder>
    {
        ["tcp4 syn"] = PacketBuilder.Tcp(A4, B4, TcpFlags.Syn).Seq(1).Mss(1460).SackPermitted().Timestamps(1, 0).Nop().WindowScale(7),
        ["tcp4 data"] = PacketBuilder.Tcp(A4, B4, TcpFlags.Psh).Seq(2).Ack(7).Payload(101).DontFragment().Id(9).Tos(0x12),
        ["tcp4 vlan"] = PacketBuilder.Tcp(A4, B4, TcpFlags.Fin).Ack(1).Vlan(100, 3).PadEthernet(),
        ["tcp4 qinq"] = PacketBuilder.Tcp(A4, B4, TcpFlags.Rst).Vlan(7, type: EtherType.ServiceVlan).Vlan(100),
        ["tcp4 toa"] = PacketBuilder.Tcp(A4, B4, TcpFlags.None).ClientAddress(Endpoints.Parse("198.51.100.7:40000")).Ack(1),
        ["tcp4 sack"] = PacketBuilder.Tcp(A4, B4, TcpFlags.None).Ack(1).Nop().Nop().Sack((10, 20), (30, 40)),
        ["tcp4 ip options"] = PacketBuilder.Tcp(A4, B4, TcpFlags.Syn).IpOptions(0x94, 4, 0, 0, 1, 1, 1, 0),
        ["tcp6 syn"] = PacketBuilder.Tcp(A6, B6, TcpFlags.Syn).Mss(1440).FlowLabel(0x12345),
        ["tcp6 toa"] = PacketBuilder.Tcp(A6, B6, TcpFlags.None).Ack(1).ClientAddress(Endpoints.Parse("[2001:db8::99]:1")),
        ["udp6 extensions"] = PacketBuilder.Udp(A6, B6).HopByHop().Extension(IpProtocol.Routing, 0, 0, 0, 0, 0, 0).DestinationOptions().Payload(33),
        ["udp6 ah"] = PacketBuilder.Udp(A6, B6).Extension(IpProtocol.Ah, new byte[22]).Payload(33),
        ["udp4"] = PacketBuilder.Udp(A4, "10.0.0.1:9999").Payload("hello"),
        ["udp4 no checksum"] = PacketBuilder.Udp(A4, "10.0.0.1:9999").NoChecksum().Payload(4),
        ["udp4 first fragment"] = PacketBuilder.Ip("203.0.113.7", "10.0.0.1", 17).Fragment(0, true, 77).Payload(64),
        ["udp6 later fragment"] = PacketBuilder.Ip("2001:db8::7", "2001:db8::8", 17).Fragment(64, false, 77).Payload(13),
        ["sctp4"] = PacketBuilder.Sctp(A4, B4, SctpChunkType.Init).Payload(16),
        ["sctp6"] = PacketBuilder.Sctp(A6, B6, SctpChunkType.Data).VerificationTag(5).Payload(21),
        ["icmp4 echo"] = PacketBuilder.Icmp("203.0.113.7", "10.0.0.1", 8, 0, 0x0001_0002).Payload(56),
        ["icmp6 echo"] = PacketBuilder.Icmp("2001:db8::7", "2001:db8::8", 128, 0, 0x0001_0002).Payload(56),
        ["icmp4 error"] = PacketBuilder.IcmpError("192.0.2.1", "10.0.0.1", 3, 4, PacketBuilder.Tcp(B4, A4, TcpFlags.None).Ack(1).Payload(1).BuildIp(), 1400),
        ["icmp6 error"] = PacketBuilder.IcmpError("2001:db8::1", "2001:db8::7", 2, 0, PacketBuilder.Tcp(B6, A6, TcpFlags.None).Ack(1).Payload(1).BuildIp(), 1400),
        ["ipip"] = PacketBuilder.Ip("192.0.2.1", "192.0.2.9", 4).Encapsulate(PacketBuilder.Tcp(A4, B4, TcpFlags.Syn)),
        ["ip6ip6"] = PacketBuilder.Ip("2001:db8::1", "2001:db8::9", 41).Encapsulate(PacketBuilder.Tcp(A6, B6, TcpFlags.Syn)),
        ["gre"] = PacketBuilder.Ip("192.0.2.1", "192.0.2.9", 47).Encapsulate(PacketBuilder.Udp(A4, B4).Payload(3), 0, 0, 8, 0),
        ["gue"] = PacketBuilder.Udp("192.0.2.1:40000", "192.0.2.9:6080").Encapsulate(PacketBuilder.Udp(A4, B4).Payload(3), 0, 4, 0, 0),
    };
}
