using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;
using NetVS.Testing.Packets;
using NetVS.Testing.Randomness;

namespace NetVS.Packets.Tests.Checksums;

/// <summary>A rewritten packet equals the packet the builder makes with the new addresses and ports: complete or partial.</summary>
public sealed class L4ChecksumTests
{
    private static readonly string[] s_v4 = ["203.0.113.7:40000", "10.0.0.1:80", "192.168.1.10:8080", "255.255.255.255:65535", "0.0.0.1:1"];
    private static readonly string[] s_v6 = ["[2001:db8::7]:40000", "[2001:db8:1::1]:80", "[fd00::ffff:ffff]:8080", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535", "[::1]:1"];

    [Fact]
    public void Replace_OfAddressAndPort_EqualsThePacketBuiltAnew() => Seeds.Run(5000, (random, _) =>
    {
        string[] ends = random.Next(2) == 0 ? s_v4 : s_v6;
        IpEndpoint client = Endpoints.Parse(ends[random.Next(5)]), old = Endpoints.Parse(ends[random.Next(5)]), real = Endpoints.Parse(ends[random.Next(5)]);
        bool isTcp = random.Next(2) == 0, isPartial = random.Next(2) == 0;
        byte[] payload = new byte[random.Next(64)];
        random.NextBytes(payload);
        PacketBuilder Make(IpEndpoint to)
        {
            PacketBuilder builder = (isTcp ? PacketBuilder.Tcp(client, to, TcpFlags.Syn) : PacketBuilder.Udp(client, to)).Payload(payload);
            return isPartial ? builder.PartialChecksum() : builder;
        }

        byte[] frame = Make(old).Build();
        PacketOffload offload = Make(old).Offload();
        PacketShape.TryParse(frame, out PacketShape shape).ShouldBeTrue();
        ChecksumDelta address = shape.Family == IpFamily.V4
            ? WireView.At<Ipv4Header>(frame, shape.IpOffset).RewriteDestinationAddress(real.Address.V4)
            : WireView.At<Ipv6Header>(frame, shape.IpOffset).RewriteDestinationAddress(real.Address.V6);
        ref U16Be port = ref WireView.At<U16Be>(frame, shape.L4Offset + 2);
        var ports = ChecksumDelta.Replace(port.Host, real.Port);
        port.Host = real.Port;
        L4Checksum.Replace(shape.Protocol, frame.AsSpan(shape.L4Offset), in offload, address, ports).ShouldBeTrue();
        PacketChecker.Verify(frame, offload);
        PacketDescriber.Describe(frame).ShouldBe(PacketDescriber.Describe(Make(real).Build()));

        ChecksumCompletion.TryComplete(frame, ref offload).ShouldBeTrue();
        PacketChecker.Verify(frame);
    });

    [Fact]
    public void ReplaceUdp_ToAZeroResult_IsSentAsAllOnes()
    {
        U16Be field = default;
        field.Host = 0x0001;
        L4Checksum.ReplaceUdp(ref field, default, ChecksumDelta.None, ChecksumDelta.Replace((ushort)0, (ushort)1)).ShouldBeTrue();
        field.Host.ShouldBe((ushort)0xFFFF);
    }

    [Fact]
    public void ReplaceUdp_OfAnAbsentChecksum_LeavesItAndSaysSo()
    {
        U16Be field = default;
        L4Checksum.ReplaceUdp(ref field, default, ChecksumDelta.Replace(1u, 2u), ChecksumDelta.None).ShouldBeFalse();
        field.Host.ShouldBe((ushort)0);
    }

    [Fact]
    public void WriteComplete_OfEveryProtocol_WritesWhatTheBuilderWrites()
    {
        PacketBuilder[] makers =
        [
            PacketBuilder.Tcp(s_v4[0], s_v4[1], TcpFlags.Syn).Payload(3), PacketBuilder.Udp(s_v6[0], s_v6[1]).Payload(3),
            PacketBuilder.Sctp(s_v4[0], s_v4[1], SctpChunkType.Init).Payload(16), PacketBuilder.Icmp("2001:db8::1", "2001:db8::2", 128, 0, 7).Payload(5),
            PacketBuilder.Icmp("192.0.2.1", "192.0.2.2", 8, 0, 7).Payload(5),
        ];
        foreach (PacketBuilder maker in makers)
        {
            byte[] good = maker.Build();
            byte[] frame = maker.BadChecksum().Build();
            PacketShape.TryParse(frame, out PacketShape shape).ShouldBeTrue();
            L4Checksum.Verify(frame, in shape).ShouldBeFalse();
            L4Checksum.WriteComplete(frame, in shape);
            frame.ShouldBe(good);
        }
    }

    [Fact]
    public void Verify_OfAnAbsentUdpChecksum_IsTrueOverIpv4Only()
    {
        byte[] v4 = PacketBuilder.Udp(s_v4[0], s_v4[1]).NoChecksum().Build(), v6 = PacketBuilder.Udp(s_v6[0], s_v6[1]).NoChecksum().Build();
        PacketShape.TryParse(v4, out PacketShape shape).ShouldBeTrue();
        L4Checksum.Verify(v4, in shape).ShouldBeTrue();
        PacketShape.TryParse(v6, out shape).ShouldBeTrue();
        L4Checksum.Verify(v6, in shape).ShouldBeFalse();
    }
}
