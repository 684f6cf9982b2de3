using NetVS.Director.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

public sealed class TunnelTests
{
    private static DirectorRig Rig() => new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Tunnel, "10.1.0.10:80");

    private static PacketBuilder Syn() => PacketBuilder.Tcp("203.0.113.7:1000", "192.0.2.1:80", TcpFlags.Syn).Id(5);

    private static PacketBuilder Outer(PacketBuilder inner) => PacketBuilder.Ip("10.1.0.1", "10.1.0.10", 4).Encapsulate(inner).Macs(B0, RealMac(10));

    [Theory]
    [InlineData(0x00, 0x00)]
    [InlineData(0xB8, 0xB8)]
    [InlineData(0x02, 0x02)]
    [InlineData(0xB9, 0xB9)]
    [InlineData(0xBB, 0xBA)] // congestion experienced leaves as ECT(0)
    public void Request_IsWrapped_WithTosByFullFunctionality(byte inner, byte outer)
    {
        using DirectorRig rig = Rig();

        rig.FromClient(Syn().Ttl(64).Tos(inner)).ShouldTransmit(
            Outer(Syn().Ttl(63).Tos(inner)).Ttl(63).Tos(outer).Id(0).DontFragment(false));
    }

    [Theory]
    [InlineData(true, 1, true)]
    [InlineData(false, 1, false)]
    [InlineData(true, 0, false)]
    public void DontFragment_FollowsTheInnerPacketUnlessPmtuDiscIsOff(bool inner, int pmtuDisc, bool outer)
    {
        using DirectorRig rig = Rig();
        rig.Engine.Settings.TrySet("pmtu_disc", $"{pmtuDisc}", out _).ShouldBeTrue();

        rig.FromClient(Syn().DontFragment(inner).Ttl(64)).ShouldTransmit(
            Outer(Syn().DontFragment(inner).Ttl(63)).Ttl(63).Id(0).DontFragment(outer));
    }

    [Fact]
    public void Identification_CountsUp_WhereThePacketMayBeCut()
    {
        using DirectorRig rig = Rig();
        rig.FromClient(Syn().Ttl(64));

        rig.FromClient(Syn().Ttl(64)).ShouldTransmit(Outer(Syn().Ttl(63)).Ttl(63).Id(1).DontFragment(false));
        rig.FromClient(Syn().DontFragment().Ttl(64)).ShouldTransmit(Outer(Syn().DontFragment().Ttl(63)).Ttl(63).Id(0).DontFragment());
        rig.FromClient(Syn().Ttl(64)).ShouldTransmit(Outer(Syn().Ttl(63)).Ttl(63).Id(2).DontFragment(false));
    }

    [Fact]
    public void Ipv6_IsWrappedInIpv6()
    {
        using DirectorRig rig = new DirectorRig().Service("[2001:db8::80]:80", ForwardingMethod.Tunnel, "[2001:db8:b::10]:80");
        PacketBuilder Inner() => PacketBuilder.Tcp("[2001:db8:f::7]:1", "[2001:db8::80]:80", TcpFlags.Syn).Tos(0x28);

        rig.FromClient(Inner().Ttl(64)).ShouldTransmit(
            PacketBuilder.Ip("2001:db8:b::1", "2001:db8:b::10", 41).Encapsulate(Inner().Ttl(63)).Ttl(63).Tos(0x28).Macs(B0, RealMac(10)));
    }

    [Fact]
    public void TooBigForTheTunnel_ClientIsToldTheMtuInside()
    {
        using DirectorRig rig = Rig();
        PacketBuilder Big() => Syn().Payload(1480 - 40 + 1).DontFragment();

        Sent sent = rig.FromClient(Big().Ttl(64));

        sent.ShouldTransmit(PacketBuilder.IcmpError("192.0.2.1", "203.0.113.7", 3, 4, Big().Ttl(63).BuildIp().AsSpan(0, 548), 1480)
            .Tos(0xC0).Ttl(64).Id(0).DontFragment(false).Macs(F0, Router));
        sent.Reason.ShouldBe(DropReason.PacketTooBig);
        rig.FromClient(Syn().Payload(1480 - 40).DontFragment()).Reason.ShouldBe(DropReason.None);
    }

    [Fact]
    public void Ipv6_TooBigForTheTunnel_ClientIsToldTheMtuInside()
    {
        using DirectorRig rig = new DirectorRig().Service("[2001:db8::80]:80", ForwardingMethod.Tunnel, "[2001:db8:b::10]:80");
        PacketBuilder Big() => PacketBuilder.Tcp("[2001:db8:f::7]:1", "[2001:db8::80]:80", TcpFlags.Syn).Payload(1460 - 60 + 1);

        rig.FromClient(Big().Ttl(64)).ShouldTransmit(
            PacketBuilder.IcmpError("2001:db8::80", "2001:db8:f::7", 2, 0, Big().Ttl(63).BuildIp().AsSpan(0, 1280 - 48), 1460)
                .Ttl(64).Macs(F0, Router));
    }

    [Fact]
    public void TooBigWithoutDontFragment_OuterPacketIsFragmented()
    {
        using DirectorRig rig = Rig();
        PacketBuilder Big() => Syn().Payload(1460).DontFragment(false);

        Sent last = rig.FromClient(Big().Ttl(64));

        IReadOnlyList<byte[]> expected = Outer(Big().Ttl(63)).Ttl(63).Id(0).DontFragment(false).BuildFragments(1500);
        rig.Emitted.Count.ShouldBe(1);
        rig.Emitted[0].ShouldCarry(expected[0]).Verdict.ShouldBe(Verdict.Transmit);
        last.ShouldCarry(expected[1]).Verdict.ShouldBe(Verdict.Transmit);
    }

    [Fact]
    public void PmtuDiscOff_TooBigWithDontFragment_IsFragmentedToo()
    {
        using DirectorRig rig = Rig();
        rig.Engine.Settings.TrySet("pmtu_disc", "0", out _).ShouldBeTrue();
        PacketBuilder Big() => Syn().Payload(1460).DontFragment();

        Sent last = rig.FromClient(Big().Ttl(64));

        IReadOnlyList<byte[]> expected = Outer(Big().Ttl(63)).Ttl(63).Id(0).DontFragment(false).BuildFragments(1500);
        rig.Emitted[0].ShouldCarry(expected[0]);
        last.ShouldCarry(expected[1]);
    }

    [Fact]
    public void PartialChecksum_IsCompletedInside()
    {
        using DirectorRig rig = Rig();

        Sent sent = rig.FromClient(Syn().PartialChecksum().Payload("data").Ttl(64));

        sent.ShouldTransmit(Outer(Syn().Payload("data").Ttl(63)).Ttl(63).Id(0).DontFragment(false));
        sent.Offload.NeedsChecksum.ShouldBeFalse();
    }

    [Fact]
    public void UnsegmentedFrame_IsCutAndEverySegmentWrapped()
    {
        using DirectorRig rig = Rig();
        rig.FromClient(Syn());
        PacketBuilder Data() => PacketBuilder.Tcp("203.0.113.7:1000", "192.0.2.1:80", TcpFlags.Psh).Ack(7).Seq(100).Id(9).DontFragment();

        Sent last = rig.FromClient(Data().Payload(2500).PartialChecksum().Gso(GsoKind.TcpV4, 1000).Ttl(64));

        rig.Emitted.Count.ShouldBe(2);
        byte[] all = PacketBuilder.Pattern(2500);
        PacketBuilder Piece(int i, TcpFlags flags, int length) => Outer(
            PacketBuilder.Tcp("203.0.113.7:1000", "192.0.2.1:80", flags).Ack(7).Seq(100 + (uint)(1000 * i)).Id((ushort)(9 + i)).DontFragment()
                .Ttl(63).Payload(all.AsSpan(1000 * i, length))).Ttl(63).Id(0).DontFragment();
        rig.Emitted[0].ShouldTransmit(Piece(0, TcpFlags.None, 1000));
        rig.Emitted[1].ShouldTransmit(Piece(1, TcpFlags.None, 1000));
        last.ShouldTransmit(Piece(2, TcpFlags.Psh, 500));
        last.Offload.Gso.ShouldBe(GsoKind.None);
    }

    [Fact]
    public void RouteTooSmallForAnyTunnel_DropsUnderItsReason()
    {
        using DirectorRig rig = new DirectorRig("route add 10.9.0.0/24 via 10.1.0.11 dev b0 mtu 80")
            .Service("192.0.2.1:80", ForwardingMethod.Tunnel, "10.9.0.1:80");

        rig.FromClient(Syn()).ShouldDrop(DropReason.TunnelMtuTooSmall);
    }
}
