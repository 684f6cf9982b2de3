using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;
using NetVS.Testing.Packets;

namespace NetVS.Packets.Tests.Testing;

public sealed class PacketBuilderTests
{
    public static TheoryData<string> Names => [.. SampleFrames.All.Keys];

    // By hand. IP: 4500+0028+4006+cb00+7107+0a00+0001 = 1cb36, folded cb37, complement 34c8.
    // TCP: pseudo-header cb00+7107+0a00+0001+0006+0014 = 14622; with 9c40+0050+0001+5002+ffff = 332b4, folded 32b7: cd48.
    [Fact]
    public void Build_OfATcpSyn_IsTheseOctets()
    {
        byte[] frame = PacketBuilder.Tcp("203.0.113.7:40000", "10.0.0.1:80", TcpFlags.Syn).Seq(1).Build();
        Convert.ToHexStringLower(frame).ShouldBe(
            "020000000002" + "020000000001" + "0800" +
            "4500002800000000" + "4006" + "34c8" + "cb007107" + "0a000001" +
            "9c400050" + "00000001" + "00000000" + "5002ffff" + "cd48" + "0000");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Build_OfEverySample_HasNoFault_AndProductionCodeAgrees(string name)
    {
        byte[] frame = SampleFrames.All[name].Build();
        PacketChecker.Verify(frame);
        PacketShape.TryParse(frame, out PacketShape shape).ShouldBeTrue(shape.Error.ToString());
        if (!shape.IsFragment && !name.Contains("error", StringComparison.Ordinal)) L4Checksum.Verify(frame, in shape).ShouldBeTrue();
        if (shape.Family == IpFamily.V4) IpHeaderRewriting.VerifyIpv4Checksum(frame.AsSpan(shape.IpOffset)).ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void FindFaults_OfAnyFlippedPayloadBit_IsNotEmpty(string name)
    {
        if (name.Contains("fragment", StringComparison.Ordinal) || name.Contains("no checksum", StringComparison.Ordinal)) return;
        byte[] frame = SampleFrames.All[name].Build();
        PacketShape.TryParse(frame, out PacketShape shape).ShouldBeTrue();
        if (shape.Protocol is IpProtocol.Gre or IpProtocol.IpInIp or IpProtocol.Ipv6) return;
        for (int bit = shape.L4Offset * 8; bit < shape.FrameLength * 8; bit++)
        {
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
            PacketChecker.FindFaults(frame).ShouldNotBeEmpty($"bit {bit} of {PacketDescriber.Describe(frame)}");
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Verify_OfABadChecksum_NamesItAndShowsThePacket()
    {
        byte[] frame = PacketBuilder.Udp("192.0.2.1:1", "192.0.2.2:2").Payload(3).BadChecksum().Build();
        string message = Should.Throw<PacketFaultException>(() => PacketChecker.Verify(frame)).Message;
        message.ShouldContain("bad UDP checksum");
        message.ShouldContain("ipv4 192.0.2.1 > 192.0.2.2 ttl 64 udp 1 > 2 len 3");
    }

    [Fact]
    public void Verify_OfAPartialChecksum_NeedsTheOffload()
    {
        PacketBuilder builder = PacketBuilder.Tcp("[2001:db8::1]:1", "[2001:db8::2]:2", TcpFlags.Syn).Payload(9).Vlan(5).PartialChecksum();
        PacketChecker.FindFaults(builder.Build(), builder.Offload()).ShouldBeEmpty();
        PacketChecker.FindFaults(builder.Build()).ShouldContain("bad TCP checksum");
    }

    [Fact]
    public void BuildFragments_PutTogether_AreThePacket()
    {
        PacketBuilder builder = PacketBuilder.Udp("[2001:db8::1]:1", "[2001:db8::2]:2").Payload(3000);
        IReadOnlyList<byte[]> frames = builder.BuildFragments(1280, 99);
        frames.Count.ShouldBe(3);
        var data = new List<byte>();
        foreach (byte[] frame in frames)
        {
            PacketChecker.Verify(frame);
            PacketShape.TryParse(frame, out PacketShape shape).ShouldBeTrue();
            shape.FragmentOffset.ShouldBe(data.Count);
            data.AddRange(frame.AsSpan(shape.L4Offset, shape.L4Length));
        }

        data.ToArray().ShouldBe(builder.BuildIp()[40..]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Describe_OfEveryTruncation_NeverThrows(string name)
    {
        byte[] frame = SampleFrames.All[name].Build();
        for (int length = 0; length <= frame.Length; length++)
        {
            PacketDescriber.Describe(frame.AsSpan(0, length)).ShouldNotBeNull();
            PacketChecker.FindFaults(frame.AsSpan(0, length)).ShouldNotBeNull();
        }
    }
}
