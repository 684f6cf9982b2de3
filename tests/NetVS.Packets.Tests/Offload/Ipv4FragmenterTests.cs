using NetVS.Packets.Headers;
using NetVS.Testing.Memory;
using NetVS.Testing.Packets;
using NetVS.Testing.Randomness;

namespace NetVS.Packets.Tests.Offload;

public sealed class Ipv4FragmenterTests
{
    [Fact]
    public void TryWriteNext_OfADatagram_WritesWhatTheRfcProcedureGives()
    {
        PacketBuilder datagram = PacketBuilder.Udp("203.0.113.7:1", "10.0.0.1:2").Id(77).Payload(3000).Vlan(4);
        SegmenterTests.ShouldEqual(Cut(datagram.Build(), 1500), datagram.BuildFragments(1500));
        SegmenterTests.ShouldEqual(Cut(datagram.Build(), 68), datagram.BuildFragments(68));
    }

    [Fact]
    public void TryWriteNext_OfOptions_CopiesThoseWhoseFlagSays()
    {
        // Router alert (148: copied), record route (7: not copied), NOP.
        byte[] options = [148, 4, 0, 0, 7, 7, 4, 0, 0, 0, 0, 1];
        PacketBuilder Make() => PacketBuilder.Ip("203.0.113.7", "10.0.0.1", 17).Id(5);
        byte[] payload = PacketBuilder.Pattern(100);
        SegmenterTests.ShouldEqual(Cut(Make().IpOptions(options).Payload(payload).Build(), 96),
        [
            Make().IpOptions(options).Fragment(0, true, 5).Payload(payload.AsSpan(0, 64)).Build(),
            Make().IpOptions(148, 4, 0, 0).Fragment(64, false, 5).Payload(payload.AsSpan(64)).Build(),
        ]);
    }

    [Fact]
    public void TryWriteNext_OfAMiddleFragment_KeepsItsPlaceAndItsMore()
    {
        PacketBuilder Make(int offset, int from, int to) => PacketBuilder.Ip("203.0.113.7", "10.0.0.1", 17)
            .Fragment(offset, true, 5).Payload(PacketBuilder.Pattern(160).AsSpan(from, to - from));
        SegmenterTests.ShouldEqual(Cut(Make(800, 0, 160).Build(), 100), [Make(800, 0, 80).Build(), Make(880, 80, 160).Build()]);
    }

    [Fact]
    public void Create_OfWhatMayNotBeCut_SaysWhy()
    {
        byte[] frame = PacketBuilder.Udp("203.0.113.7:1", "10.0.0.1:2").Payload(100).DontFragment().Build();
        Ipv4Fragmenter.Create(frame, 127, out _).ShouldBe(FragmenterError.DontFragment);
        Ipv4Fragmenter.Create(frame, 128, out _).ShouldBe(FragmenterError.None);
        frame = PacketBuilder.Udp("203.0.113.7:1", "10.0.0.1:2").Payload(100).Build();
        Ipv4Fragmenter.Create(frame, 27, out _).ShouldBe(FragmenterError.MtuTooSmall);
        frame = PacketBuilder.Udp("[2001:db8::1]:1", "[2001:db8::2]:2").Payload(100).Build();
        Ipv4Fragmenter.Create(frame, 60, out _).ShouldBe(FragmenterError.NotIpv4);
    }

    [Fact]
    public void TryWriteNext_OfAPacketThatFits_WritesItOnce()
    {
        byte[] frame = PacketBuilder.Ip("203.0.113.7", "10.0.0.1", 99).Build();
        Cut(frame, 1500).ShouldHaveSingleItem().ShouldBe(frame);
    }

    [Fact]
    public void TryWriteNext_OfRandomPackets_GivesTheSlowTwinsFragments() => Seeds.Run(500, (random, _) =>
    {
        PacketBuilder packet = PacketBuilder.Udp("203.0.113.7:1", "10.0.0.1:2").Id((ushort)random.Next(65536)).Payload(random.Next(4000));
        int mtu = random.Next(68, 2000);
        SegmenterTests.ShouldEqual(Cut(packet.Build(), mtu), packet.BuildFragments(mtu));
    });

    [Fact]
    public void TryWriteNext_AllocatesNothing()
    {
        byte[] frame = PacketBuilder.Udp("203.0.113.7:1", "10.0.0.1:2").Payload(9000).Build();
        byte[] buffer = new byte[2048];
        Allocations.Measure(1000, () =>
        {
            Ipv4Fragmenter.Create(frame, 1500, out Ipv4Fragmenter fragmenter);
            while (fragmenter.TryWriteNext(buffer, out _)) { }
        }).ShouldBe(0);
    }

    private static List<byte[]> Cut(byte[] frame, int mtu)
    {
        Ipv4Fragmenter.Create(frame, mtu, out Ipv4Fragmenter fragmenter).ShouldBe(FragmenterError.None);
        using var memory = new GuardedMemory(8192);
        int room = Math.Min(frame.Length, mtu + 22);
        List<byte[]> fragments = [];
        while (fragmenter.TryWriteNext(memory.AtEnd(room), out int length))
            fragments.Add(memory.AtEndKeeping(room)[..length].ToArray());
        return fragments;
    }
}
