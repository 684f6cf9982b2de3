using NetVS.Testing.Packets;
using NetVS.Testing.Randomness;

namespace NetVS.Packets.Tests.Offload;

public sealed class Ipv6FragmenterTests
{
    private const uint Identification = 0xC0DE_0007;

    [Fact]
    public void TryWriteNext_OfADatagram_WritesWhatTheRfcProcedureGives() => Seeds.Run(200, (random, _) =>
    {
        PacketBuilder datagram = PacketBuilder.Udp("[2001:db8::1]:1", "[2001:db8::2]:2").Payload(1300 + random.Next(9000)).Tos(0x28);
        if (random.Next(2) == 0) datagram.Vlan(4);
        int ipMtu = 1280 + random.Next(300);
        if (datagram.BuildIp().Length <= ipMtu) return;
        SegmenterTests.ShouldEqual(Cut(datagram.Build(), ipMtu), datagram.BuildFragments(ipMtu, Identification));
    });

    [Fact]
    public void TryWriteNext_OfAPacketThatFits_WritesItOnceWithoutAFragmentHeader()
    {
        byte[] frame = PacketBuilder.Udp("[2001:db8::1]:1", "[2001:db8::2]:2").Payload(1432).Build();
        Cut(frame, 1480).ShouldHaveSingleItem().ShouldBe(frame);
        Cut(frame, 1479).Count.ShouldBe(2);
    }

    [Fact]
    public void Create_OfWhatCannotBeCut_SaysWhy()
    {
        byte[] frame = PacketBuilder.Udp("203.0.113.7:1", "10.0.0.1:2").Payload(100).Build();
        Ipv6Fragmenter.Create(frame, 60, Identification, out _).ShouldBe(FragmenterError.NotPlainIpv6);
        frame = PacketBuilder.Udp("[2001:db8::1]:1", "[2001:db8::2]:2").Payload(100).HopByHop().Build();
        Ipv6Fragmenter.Create(frame, 1280, Identification, out _).ShouldBe(FragmenterError.NotPlainIpv6);
        frame = PacketBuilder.Udp("[2001:db8::1]:1", "[2001:db8::2]:2").Payload(100).Build();
        Ipv6Fragmenter.Create(frame, 55, Identification, out _).ShouldBe(FragmenterError.MtuTooSmall);
        Ipv6Fragmenter.Create(frame, 56, Identification, out _).ShouldBe(FragmenterError.None);
    }

    private static List<byte[]> Cut(byte[] frame, int ipMtu)
    {
        Ipv6Fragmenter.Create(frame, ipMtu, Identification, out Ipv6Fragmenter fragmenter).ShouldBe(FragmenterError.None);
        List<byte[]> pieces = [];
        byte[] buffer = new byte[frame.Length + 64];
        Array.Fill(buffer, (byte)0xA5);
        while (fragmenter.TryWriteNext(buffer, out int length)) pieces.Add(buffer[..length]);
        return pieces;
    }
}
