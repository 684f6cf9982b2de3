using NetVS.Director.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

/// <summary>Reasons that no other test of this folder moves; with theirs, every reason of the director's own.</summary>
public sealed class DropTests
{
    private static PacketBuilder Syn(string from = "203.0.113.7:1") => PacketBuilder.Tcp(from, "192.0.2.1:80", TcpFlags.Syn).Macs(Router, F0);

    private static void ShouldDrop(byte[] frame, DropReason reason, string network = "", string real = "10.1.0.10:80")
    {
        using DirectorRig rig = new DirectorRig(network).Service("192.0.2.1:80", ForwardingMethod.Nat, real);
        rig.Process(frame, rig.InterfaceOf("f0")).Reason.ShouldBe(reason);
        rig.Drops(reason).ShouldBe(1);
        DropReasons.All.Sum(rig.Drops).ShouldBe(1);
    }

    private static byte[] Patched(PacketBuilder packet, int at, byte value)
    {
        byte[] frame = packet.Build();
        frame[at] = value;
        return frame;
    }

    [Fact]
    public void TruncatedEthernet() => ShouldDrop(Syn().Build()[..13], DropReason.TruncatedEthernet);

    [Fact]
    public void TruncatedVlanTag() => ShouldDrop(Syn().Vlan(5).Build()[..16], DropReason.TruncatedEthernet);

    [Fact]
    public void BadIpv4Header() => ShouldDrop(Patched(Syn(), 14, 0x44), DropReason.BadIpv4Header);

    [Fact]
    public void BadIpv4Checksum() => ShouldDrop(Patched(Syn(), 24, 0xFF), DropReason.BadIpv4Checksum);

    [Fact]
    public void LyingIpv4Length() => ShouldDrop(Patched(Syn(), 16, 0xFF), DropReason.LyingLength);

    [Fact]
    public void BadIpv6Header() =>
        ShouldDrop(Patched(PacketBuilder.Tcp("[2001:db8:f::7]:1", "[2001:db8::80]:80", TcpFlags.Syn).Macs(Router, F0), 14, 0x50), DropReason.BadIpv6Header);

    [Fact]
    public void BadTcpHeader() => ShouldDrop(Patched(Syn(), 14 + 20 + 12, 0xF0), DropReason.BadTransportHeader);

    [Fact]
    public void TruncatedUdpHeader() =>
        ShouldDrop(PacketBuilder.Ip(Client, Vip, 17).Payload(7).Macs(Router, F0).Build(), DropReason.BadTransportHeader);

    [Theory]
    [InlineData("127.0.0.1:1")]
    [InlineData("224.0.0.1:1")]
    [InlineData("0.0.0.0:1")]
    [InlineData("255.255.255.255:1")]
    public void ImpossibleSource(string source) => ShouldDrop(Syn(source).Build(), DropReason.BadSourceAddress);

    [Fact]
    public void NoRouteToTheRealServer_ClientIsTold()
    {
        using DirectorRig rig = new DirectorRig("route del default via 198.51.100.254 dev f0\nroute add 203.0.113.0/24 via 198.51.100.254 dev f0\nroute add 10.9.0.0/24 dev b0")
            .Service("192.0.2.1:80", ForwardingMethod.Nat, "10.9.0.10:80");
        rig.Batch.Execute("route del 10.9.0.0/24 dev b0").ShouldBeTrue();
        rig.Batch.Publish(rig.Network);

        rig.FromClient(Syn().Ttl(64)).ShouldTransmit(PacketBuilder.IcmpError("192.0.2.1", Client, 3, 1, Syn().Ttl(64).BuildIp())
            .Tos(0xC0).Ttl(64).Id(0).Macs(F0, Router)).Reason.ShouldBe(DropReason.NoRoute);
    }

    [Theory]
    [InlineData("unreachable", DropReason.NoRoute, true)]
    [InlineData("blackhole", DropReason.RouteBlackhole, false)]
    [InlineData("prohibit", DropReason.RouteProhibited, true)]
    public void RoutesThatRefuse(string kind, DropReason reason, bool isTold)
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80");
        rig.Batch.Execute($"route add {kind} 10.1.0.10/32").ShouldBeTrue();
        rig.Batch.Publish(rig.Network);

        Sent sent = rig.FromClient(Syn());

        sent.Reason.ShouldBe(reason);
        (sent.Verdict == Verdict.Transmit).ShouldBe(isTold);
    }

    [Fact]
    public void ChangedRoute_IsTakenByEstablishedConnections()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80");
        rig.FromClient(Syn());
        rig.Batch.Execute("route add 10.1.0.10/32 via 10.1.0.13 dev b0").ShouldBeTrue();
        rig.Batch.Publish(rig.Network);

        rig.FromClient(Syn().Ttl(64)).ShouldTransmit(PacketBuilder.Tcp("203.0.113.7:1", "10.1.0.10:80", TcpFlags.Syn).Ttl(63).Macs(B0, RealMac(13)));
    }

    [Fact]
    public void ChangedRoute_ReplyFirst_IsTakenInBothDirections()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80");
        PacketBuilder Reply(string from) => PacketBuilder.Tcp(from, "203.0.113.7:1", TcpFlags.Syn | TcpFlags.Ack);
        rig.FromClient(Syn());
        rig.FromReal(Reply("10.1.0.10:80"));
        rig.Batch.Execute("route add 10.1.0.10/32 via 10.1.0.13 dev b0").ShouldBeTrue();
        rig.Batch.Execute("route add 203.0.113.7/32 via 10.1.0.12 dev b0").ShouldBeTrue();
        rig.Batch.Publish(rig.Network);

        rig.FromReal(Reply("10.1.0.10:80").Ttl(64)).ShouldTransmit(Reply("192.0.2.1:80").Ttl(63).Macs(B0, RealMac(12)));
        rig.FromClient(Syn().Ttl(64)).ShouldTransmit(PacketBuilder.Tcp("203.0.113.7:1", "10.1.0.10:80", TcpFlags.Syn).Ttl(63).Macs(B0, RealMac(13)));
        rig.Batch.Execute("route del 203.0.113.7/32 via 10.1.0.12 dev b0").ShouldBeTrue();
        rig.Batch.Publish(rig.Network);
        rig.FromClient(Syn());
        rig.FromReal(Reply("10.1.0.10:80").Ttl(64)).ShouldTransmit(Reply("192.0.2.1:80").Ttl(63).Macs(F0, Router));
    }

    [Fact]
    public void InterfaceDown_NextHopIsUnreachable_AndComesBack()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80");
        rig.FromClient(Syn()).Verdict.ShouldBe(Verdict.Transmit);
        rig.Network.NextHops.SetNeighbour(rig.InterfaceOf("b0"), IpAddress.Parse("10.1.0.10"), NetVS.Director.Network.NextHopState.Failed, default);

        rig.FromClient(Syn().Ttl(64)).ShouldTransmit(PacketBuilder.IcmpError("192.0.2.1", Client, 3, 1, Syn().Ttl(64).BuildIp())
            .Tos(0xC0).Ttl(64).Id(0).Macs(F0, Router)).Reason.ShouldBe(DropReason.NextHopUnreachable);

        rig.Network.NextHops.SetNeighbour(rig.InterfaceOf("b0"), IpAddress.Parse("10.1.0.10"), NetVS.Director.Network.NextHopState.Reachable, RealMac(10));
        rig.FromClient(Syn()).Reason.ShouldBe(DropReason.None);
    }

    [Fact]
    public void NoHeadroom_ATunnelCannotBegin()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Tunnel, "10.1.0.10:80");
        byte[] frame = Syn().Build();
        var packet = new Packet { Buffer = frame, Length = frame.Length, ReceiveInterface = rig.InterfaceOf("f0") };

        rig.Worker.Process(ref packet, rig.Now).ShouldBe(Verdict.Drop);
        packet.Reason.ShouldBe(DropReason.NoFrameRoom);
    }

    [Fact]
    public void OffloadThatLies_CannotBeCut()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Tunnel, "10.1.0.10:80");

        rig.Process(Syn().Payload(3000).Build(), rig.InterfaceOf("f0"), new PacketOffload { Gso = GsoKind.TcpV6, GsoSize = 100, NeedsChecksum = true, ChecksumStart = 34, ChecksumOffset = 16 })
            .ShouldDrop(DropReason.BadOffload);
    }

    [Fact]
    public void OneClientEndWithManyVirtualEnds_IsBounded()
    {
        using var rig = new DirectorRig();
        for (int port = 1; port <= 65; port++) rig.Service($"192.0.2.1:{port}", ForwardingMethod.Nat, "10.1.0.10:0");
        Sent To(int port) => rig.FromClient(PacketBuilder.Tcp("203.0.113.7:1", $"192.0.2.1:{port}", TcpFlags.Syn));

        for (int port = 1; port <= 64; port++) To(port).Verdict.ShouldBe(Verdict.Transmit);
        To(65).ShouldDrop(DropReason.ClientEndFull);
    }
}
