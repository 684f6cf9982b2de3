using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;

namespace NetVS.Packets.Tests.Headers;

public sealed class PacketShapeTests
{
    // 192.0.2.1:40000 > 198.51.100.2:80 SYN, no options; checksums worked out by hand below.
    private const string Ethernet = "02000000000202000000000108 00";
    private const string Ipv4 = "4500 0028 1234 4000 4006 0000 c0000201 c6336402";
    private const string Tcp = "9c40 0050 00000001 00000000 5002 ffff 0000 0000";

    private static byte[] Hex(params string[] parts) => Convert.FromHexString(string.Concat(parts).Replace(" ", ""));

    [Fact]
    public void TryParse_OfATcpFrame_FindsEveryLayer()
    {
        byte[] frame = Hex(Ethernet, Ipv4, Tcp, "000000000000");
        PacketShape.TryParse(frame, out PacketShape shape).ShouldBeTrue();
        shape.Family.ShouldBe(IpFamily.V4);
        shape.Protocol.ShouldBe(IpProtocol.Tcp);
        shape.IpOffset.ShouldBe(14);
        shape.L4Offset.ShouldBe(34);
        shape.L4Length.ShouldBe(20);
        shape.FrameLength.ShouldBe(54, "Ethernet padding is not the packet's");
        shape.FragmentId.ShouldBe(0x1234u);
        shape.IsFragment.ShouldBeFalse();
        shape.HasL4.ShouldBeTrue();
    }

    [Fact]
    public void TryParse_OfTwoTags_NamesOuterAndInnerVlan()
    {
        byte[] frame = Hex("020000000002020000000001 88a8 6064 8100 0007 0800", Ipv4, Tcp);
        PacketShape.TryParse(frame, out PacketShape shape).ShouldBeTrue();
        (shape.VlanTags, shape.VlanId, shape.InnerVlanId, shape.IpOffset).ShouldBe(((byte)2, (ushort)100, (ushort)7, 22));
    }

    [Theory]
    [InlineData("8100 0001 8100 0001 8100 0001 0800", PacketShapeError.TooManyVlanTags)]
    [InlineData("8100 00", PacketShapeError.TruncatedVlanTag)]
    [InlineData("0806 0001", PacketShapeError.NotIp)]
    [InlineData("0800 45", PacketShapeError.TruncatedIpv4Header)]
    [InlineData("0800 6500 0014 0000 0000 4006 0000 c0000201 c6336402", PacketShapeError.BadIpv4Header)]
    [InlineData("0800 4400 0014 0000 0000 4006 0000 c0000201 c6336402", PacketShapeError.BadIpv4Header)]
    [InlineData("0800 4600 0018 0000 0000 4006 0000 c0000201 c6336402", PacketShapeError.TruncatedIpv4Header)]
    [InlineData("0800 4500 0013 0000 0000 4006 0000 c0000201 c6336402", PacketShapeError.LyingIpv4Length)]
    [InlineData("0800 4500 0015 0000 0000 4006 0000 c0000201 c6336402", PacketShapeError.LyingIpv4Length)]
    [InlineData("0800 4500 0019 0000 1fff 4006 0000 c0000201 c6336402 0000000000", PacketShapeError.OversizeFragment)]
    [InlineData("86dd 60", PacketShapeError.TruncatedIpv6Header)]
    [InlineData("86dd 40000000 0000 3b40 00000000000000000000000000000001 00000000000000000000000000000002", PacketShapeError.BadIpv6Header)]
    [InlineData("86dd 60000000 0001 3b40 00000000000000000000000000000001 00000000000000000000000000000002", PacketShapeError.LyingIpv6Length)]
    [InlineData("86dd 60000000 0000 0040 00000000000000000000000000000001 00000000000000000000000000000002", PacketShapeError.Jumbogram)]
    [InlineData("86dd 60000000 0004 2b40 00000000000000000000000000000001 00000000000000000000000000000002 06000000", PacketShapeError.BadIpv6Extension)]
    public void TryParse_OfABadFrame_SaysWhatIsWrong(string behindMacs, PacketShapeError expected)
    {
        PacketShape.TryParse(Hex("020000000002020000000001", behindMacs), out PacketShape shape).ShouldBeFalse();
        shape.Error.ShouldBe(expected);
    }

    [Fact]
    public void TryParse_OfEveryTruncation_Fails()
    {
        byte[] frame = Hex(Ethernet, Ipv4, Tcp);
        for (int length = 0; length < frame.Length; length++)
            PacketShape.TryParse(frame.AsSpan(0, length), out _).ShouldBeFalse($"length {length}");
    }

    [Fact]
    public void TryParseQuote_OfTwentyEightOctets_FindsThePorts()
    {
        PacketShape.TryParseQuote(Hex(Ipv4, Tcp).AsSpan(0, 28), IpFamily.V4, out PacketShape shape).ShouldBeTrue();
        (shape.L4Offset, shape.L4Length, shape.IpLength).ShouldBe((20, 8, 40));
    }

    [Fact]
    public void TryParse_OfIpv6Fragments_KnowsFirstFromLater()
    {
        const string Ipv6 = "020000000002020000000001 86dd 60000000 0010 2c40 20010db8000000000000000000000001 20010db8000000000000000000000002";
        PacketShape.TryParse(Hex(Ipv6, "11000001 deadbeef 9c400050 00200000"), out PacketShape first).ShouldBeTrue();
        (first.IsFragment, first.HasL4, first.L4Offset, first.FragmentHeaderOffset, first.FragmentId, first.Protocol)
            .ShouldBe((true, true, 62, 54, 0xdeadbeef, IpProtocol.Udp));
        PacketShape.TryParse(Hex(Ipv6, "00000008 deadbeef 0000000000000000"), out PacketShape later).ShouldBeTrue();
        (later.IsLaterFragment, later.HasL4, later.FragmentOffset, later.MoreFragments, later.Protocol)
            .ShouldBe((true, false, 8, false, IpProtocol.HopByHop));
        PacketShape.TryParse(Hex(Ipv6, "11000000 deadbeef 9c400050 00080000"), out PacketShape atomic).ShouldBeTrue();
        (atomic.IsFragment, atomic.HasFragmentHeader, atomic.HasL4).ShouldBe((false, true, true));
    }

    [Fact]
    public void Rewriting_AddressesAndPorts_EqualsCompleteChecksums()
    {
        byte[] frame = Hex(Ethernet, Ipv4, Tcp);
        PacketShape.TryParse(frame, out PacketShape shape).ShouldBeTrue();
        IpHeaderRewriting.WriteIpv4Checksum(frame.AsSpan(14));
        L4Checksum.WriteComplete(frame, in shape);
        L4Checksum.Verify(frame, in shape).ShouldBeTrue();

        ref Ipv4Header ip = ref WireView.At<Ipv4Header>(frame, 14);
        ref TcpHeader tcp = ref WireView.At<TcpHeader>(frame, 34);
        ChecksumDelta address = ip.RewriteDestinationAddress(Ipv4Address.Parse("10.1.2.3"));
        ip.RewriteTtl(63);
        var port = ChecksumDelta.Replace(tcp.DestinationPort.Host, 8080);
        tcp.DestinationPort.Host = 8080;
        L4Checksum.Replace(ref tcp.Checksum, default, address, port);

        IpHeaderRewriting.VerifyIpv4Checksum(frame.AsSpan(14)).ShouldBeTrue();
        L4Checksum.Verify(frame, in shape).ShouldBeTrue();
    }
}
