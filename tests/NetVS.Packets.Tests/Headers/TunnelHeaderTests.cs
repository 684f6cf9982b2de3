using NetVS.Packets.Headers;
using NetVS.Testing.Packets;

namespace NetVS.Packets.Tests.Headers;

/// <summary>Headers that frame others, read against the vectors of reference §19 and the RFCs' pictures.</summary>
public sealed class TunnelHeaderTests
{
    [Fact]
    public void Gue_OfTheReferenceVectors_SaysWhatIsInside()
    {
        byte[] plain = Convert.FromHexString("00040000");
        GueHeader header = WireView.ReadAt<GueHeader>(plain, 0);
        (header.Version, header.IsControl, header.HeaderLength, header.Protocol).ShouldBe((0, false, 4, IpProtocol.IpInIp));

        // Remote checksum offload of an inner IPv4 (20) with TCP (16): 02 04 00 01, private flags, start 0x14, position 0x24.
        byte[] remote = Convert.FromHexString("020400018000000000140024");
        header = WireView.ReadAt<GueHeader>(remote, 0);
        header.HeaderLength.ShouldBe(GueHeader.Size + GueHeader.RemoteChecksumSize);
        header.Flags.Host.ShouldBe(GueHeader.PrivateFlag);
        WireView.ReadAt<U32Be>(remote, 4).Host.ShouldBe(GueHeader.RemoteChecksumFlag);
        WireView.ReadAt<GueHeader>([0x60, 4, 0, 0], 0).IsControl.ShouldBeTrue();
        WireView.ReadAt<GueHeader>([0x40, 4, 0, 0], 0).Version.ShouldBe(1);
    }

    [Theory]
    [InlineData("00000800", false, EtherType.Ipv4)]
    [InlineData("800008000000", true, EtherType.Ipv4)]
    [InlineData("000086dd", false, EtherType.Ipv6)]
    public void Gre_OfTheReferenceVectors_SaysWhatIsInside(string hex, bool hasChecksum, int type)
    {
        GreHeader header = WireView.ReadAt<GreHeader>(Convert.FromHexString(hex), 0);
        header.HasChecksum.ShouldBe(hasChecksum);
        ((int)header.ProtocolType.Host).ShouldBe(type);
    }

    [Fact]
    public void Arp_OfARequest_ReadsBothEnds_AndRefusesOtherHardware()
    {
        MacAddress mac = new(0x0200_0000_0001);
        byte[] frame = PacketBuilder.Arp(ArpPacket.Request, mac, Ipv4Address.Parse("10.0.0.1"), default, Ipv4Address.Parse("10.0.0.2"));
        ArpPacket.TryParse(frame.AsSpan(14), out ArpPacket arp).ShouldBeTrue();
        (arp.Operation.Host, arp.SenderMac.Host, arp.SenderAddress.Host.ToString(), arp.TargetAddress.Host.ToString())
            .ShouldBe((ArpPacket.Request, mac, "10.0.0.1", "10.0.0.2"));
        foreach (int at in (int[])[15, 17, 18, 19])
        {
            byte[] wrong = [.. frame];
            wrong[at] ^= 1;
            ArpPacket.TryParse(wrong.AsSpan(14), out _).ShouldBeFalse($"octet {at}");
        }
    }

    [Fact]
    public void HeaderFields_SetAndRead_AreThoseOfThePictures()
    {
        byte[] ip = PacketBuilder.Tcp("192.0.2.1:1", "192.0.2.2:2", TcpFlags.Syn).Tos(0xB9).Id(0x1234).DontFragment().Ttl(7).Mss(1460).BuildIp();
        Ipv4Packet.TryParse(ip, out Ipv4Packet v4).ShouldBeTrue();
        (v4.Header.Tos, v4.Header.Identification.Host, v4.Header.DontFragment, v4.Header.Ttl, v4.Header.IsFragment)
            .ShouldBe(((byte)0xB9, (ushort)0x1234, true, (byte)7, false));
        TcpSegment.TryParse(v4.Payload, out TcpSegment tcp).ShouldBeTrue();
        (tcp.Header.HeaderLength, tcp.Options.Length, tcp.Payload.Length).ShouldBe((24, 4, 0));
        tcp.Header.SetHeaderLength(20);
        tcp.Header.HeaderLength.ShouldBe(20);

        byte[] ip6 = PacketBuilder.Udp("[2001:db8::1]:1", "[2001:db8::2]:2").Tos(0x2E).FlowLabel(0xABCDE).Payload(3).BuildIp();
        Ipv6Packet.TryParse(ip6, out Ipv6Packet v6).ShouldBeTrue();
        (v6.Header.TrafficClass, v6.Header.FlowLabel, v6.Header.NextHeader).ShouldBe(((byte)0x2E, 0xABCDEu, IpProtocol.Udp));
        v6.Header.SetClassAndFlow(1, 2);
        (v6.Header.Version, v6.Header.TrafficClass, v6.Header.FlowLabel).ShouldBe((6, (byte)1, 2u));
        UdpDatagram.TryParse(v6.Payload, out UdpDatagram udp).ShouldBeTrue();
        udp.Payload.ToArray().ShouldBe([0, 1, 2]);
    }
}
