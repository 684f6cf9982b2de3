using NetVS.Director.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

public sealed class IcmpErrorTests
{
    private const string RouterAddress = "198.18.0.9";

    private static PacketBuilder Tcp(string from, string to, uint seq = 1, uint ack = 2) =>
        PacketBuilder.Tcp(from, to, TcpFlags.None).Seq(seq).Ack(ack).Id(4).Ttl(50).Payload("payload of the packet that did not arrive");

    /// <summary>A whole quote, or only its first octets.</summary>
    private static ReadOnlySpan<byte> Quote(PacketBuilder packet, bool isWhole) => isWhole ? packet.BuildIp() : packet.BuildIp().AsSpan(0, 28);

    private static DirectorRig Rig(ForwardingMethod method)
    {
        DirectorRig rig = new DirectorRig("addr add 10.1.0.2/24 dev b0").Service("192.0.2.1:80", method, "10.1.0.10:8080");
        rig.Engine.AddLocalAddress(Key(IpProtocol.Tcp, "192.0.2.1:80"), IpAddress.Parse("10.1.0.2"));
        return rig;
    }

    private static uint Open(DirectorRig rig, uint isn = 1000)
    {
        Sent syn = rig.FromClient(PacketBuilder.Tcp("203.0.113.7:40000", "192.0.2.1:80", TcpFlags.Syn).Seq(isn));
        syn.Verdict.ShouldBe(Verdict.Transmit);
        return WireView.ReadAt<TcpHeader>(syn.Frame, 34).Sequence.Host;
    }

    [Fact]
    public void Nat_TooBigAboutAReply_ReachesTheRealServerAsItsOwn()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat);
        Open(rig);

        rig.FromClient(PacketBuilder.IcmpError(RouterAddress, Vip, 3, 4, Quote(Tcp("192.0.2.1:80", "203.0.113.7:40000"), true), 1400).Ttl(64))
            .ShouldTransmit(PacketBuilder.IcmpError(RouterAddress, "10.1.0.10", 3, 4, Quote(Tcp("10.1.0.10:8080", "203.0.113.7:40000"), true), 1400)
                .Ttl(63).Macs(B0, RealMac(10)));
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(4, 0)]
    [InlineData(11, 0)]
    public void Nat_ErrorAboutARequest_ReachesTheClientFromTheVip(byte type, byte code)
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat);
        Open(rig);

        rig.FromReal(PacketBuilder.IcmpError("10.1.0.10", Client, type, code, Quote(Tcp("203.0.113.7:40000", "10.1.0.10:8080"), true)).Ttl(64))
            .ShouldTransmit(PacketBuilder.IcmpError(Vip, Client, type, code, Quote(Tcp("203.0.113.7:40000", "192.0.2.1:80"), true))
                .Ttl(63).Macs(F0, Router));
    }

    [Fact]
    public void Nat_ShortQuote_IsTranslatedAsFarAsItGoes()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat);
        Open(rig);

        rig.FromReal(PacketBuilder.IcmpError("10.1.0.10", Client, 3, 1, Quote(Tcp("203.0.113.7:40000", "10.1.0.10:8080"), false)).Ttl(64))
            .ShouldTransmit(PacketBuilder.IcmpError(Vip, Client, 3, 1, Quote(Tcp("203.0.113.7:40000", "192.0.2.1:80"), false))
                .Ttl(63).Macs(F0, Router));
    }

    [Fact]
    public void FullNat_ErrorAboutARequest_GetsTheClientsNumbers_AndLeavesRoomForTheOption()
    {
        using DirectorRig rig = Rig(ForwardingMethod.FullNat);
        uint own = Open(rig);

        rig.FromReal(PacketBuilder.IcmpError("10.1.0.10", "10.1.0.2", 3, 4, Quote(Tcp("10.1.0.2:5000", "10.1.0.10:8080", own + 1), true), 1400).Ttl(64))
            .ShouldTransmit(PacketBuilder.IcmpError(Vip, Client, 3, 4, Quote(Tcp("203.0.113.7:40000", "192.0.2.1:80", 1001), true), 1392)
                .Ttl(63).Macs(F0, Router));
    }

    [Fact]
    public void FullNat_ErrorAboutAReply_GetsTheLocalEndAndItsNumbers()
    {
        using DirectorRig rig = Rig(ForwardingMethod.FullNat);
        uint own = Open(rig);

        rig.FromClient(PacketBuilder.IcmpError(RouterAddress, Vip, 3, 4, Quote(Tcp("192.0.2.1:80", "203.0.113.7:40000", 7, 1001), true), 1400).Ttl(64))
            .ShouldTransmit(PacketBuilder.IcmpError("10.1.0.2", "10.1.0.10", 3, 4, Quote(Tcp("10.1.0.10:8080", "10.1.0.2:5000", 7, own + 1), true), 1400)
                .Ttl(63).Macs(B0, RealMac(10)));
    }

    [Fact]
    public void DirectRouting_ErrorAboutAReply_IsForwardedUnchanged()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.DirectRouting, "10.1.0.10:80");
        Open(rig);
        PacketBuilder Error() => PacketBuilder.IcmpError(RouterAddress, Vip, 3, 4, Quote(Tcp("192.0.2.1:80", "203.0.113.7:40000"), false), 1400);

        rig.FromClient(Error().Ttl(64)).ShouldTransmit(Error().Ttl(63).Macs(B0, RealMac(10)));
    }

    [Fact]
    public void Tunnel_ErrorAboutAReply_TravelsInTheTunnel()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Tunnel, "10.1.0.10:80");
        Open(rig);
        PacketBuilder Error() => PacketBuilder.IcmpError(RouterAddress, Vip, 3, 4, Quote(Tcp("192.0.2.1:80", "203.0.113.7:40000"), false), 1400);

        rig.FromClient(Error().Ttl(64)).ShouldTransmit(
            PacketBuilder.Ip("10.1.0.1", "10.1.0.10", 4).Encapsulate(Error().Ttl(63)).Ttl(63).Id(1).DontFragment(false).Macs(B0, RealMac(10)));
    }

    [Fact]
    public void Ipv6_Nat_BothWays()
    {
        using DirectorRig rig = new DirectorRig().Service("[2001:db8::80]:80", ForwardingMethod.Nat, "[2001:db8:b::10]:8080");
        rig.FromClient(PacketBuilder.Tcp("[2001:db8:f::7]:1", "[2001:db8::80]:80", TcpFlags.Syn));
        byte[] Packet(string from, string to) => Tcp(from, to).BuildIp();

        rig.FromClient(PacketBuilder.IcmpError("2001:db8:1::9", Vip6, 2, 0, Packet("[2001:db8::80]:80", "[2001:db8:f::7]:1"), 1400).Ttl(64))
            .ShouldTransmit(PacketBuilder.IcmpError("2001:db8:1::9", "2001:db8:b::10", 2, 0, Packet("[2001:db8:b::10]:8080", "[2001:db8:f::7]:1"), 1400)
                .Ttl(63).Macs(B0, RealMac(10)));
        rig.FromReal(PacketBuilder.IcmpError("2001:db8:b::10", Client6, 1, 4, Packet("[2001:db8:f::7]:1", "[2001:db8:b::10]:8080")).Ttl(64))
            .ShouldTransmit(PacketBuilder.IcmpError(Vip6, Client6, 1, 4, Packet("[2001:db8:f::7]:1", "[2001:db8::80]:80")).Ttl(63).Macs(F0, Router));
    }

    [Fact]
    public void EchoAndUnknownErrors_GoToTheStack()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat);
        Open(rig);

        rig.FromClient(PacketBuilder.Icmp(Client, Vip, 8, 0)).Verdict.ShouldBe(Verdict.ToStack);
        rig.FromClient(PacketBuilder.IcmpError(RouterAddress, Vip, 3, 4, Tcp("192.0.2.1:80", "203.0.113.7:9").BuildIp(), 1400)).Verdict.ShouldBe(Verdict.ToStack);
        rig.FromClient(PacketBuilder.IcmpError(RouterAddress, Vip, 12, 0, Tcp("192.0.2.1:80", "203.0.113.7:40000").BuildIp())).Verdict.ShouldBe(Verdict.ToStack);
    }

    [Fact]
    public void BadChecksum_IsDropped()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat);
        Open(rig);

        rig.FromClient(PacketBuilder.IcmpError(RouterAddress, Vip, 3, 4, Tcp("192.0.2.1:80", "203.0.113.7:40000").BuildIp(), 1400).BadChecksum())
            .ShouldDrop(DropReason.BadIcmpChecksum);
    }

    [Fact]
    public void FirstFragmentOfAnError_IsDropped()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat);

        byte[] first = PacketBuilder.IcmpError(RouterAddress, Vip, 3, 4, Tcp("192.0.2.1:80", "203.0.113.7:40000").BuildIp(), 1400)
            .Macs(Router, F0).DontFragment(false).BuildFragments(100)[0];
        rig.Process(first, rig.InterfaceOf("f0")).ShouldDrop(DropReason.FragmentedIcmpError);
    }

    [Fact]
    public void TunnelError_TooBig_IsLearnedAndPassedOnToTheClient()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Tunnel, "10.1.0.10:80");
        Open(rig);
        PacketBuilder inner = Tcp("203.0.113.7:40000", "192.0.2.1:80").DontFragment();
        byte[] tunnelled = PacketBuilder.Ip("10.1.0.1", "10.1.0.10", 4).Encapsulate(inner).BuildIp();

        Sent sent = rig.FromReal(PacketBuilder.IcmpError("10.1.0.11", "10.1.0.1", 3, 4, tunnelled, 1300));

        sent.ShouldTransmit(PacketBuilder.IcmpError("192.0.2.1", Client, 3, 4, inner.BuildIp(), 1280)
            .Tos(0xC0).Ttl(64).Id(1).DontFragment(false).Macs(F0, Router));
        sent.Reason.ShouldBe(DropReason.TunnelErrorTaken);
        rig.Worker.CountEvents(ForwardingEvent.PathMtuLearned).ShouldBe(1);

        PacketBuilder Data(int payload) => PacketBuilder.Tcp("203.0.113.7:40000", "192.0.2.1:80", TcpFlags.None).Ack(1).DontFragment().Payload(payload);
        rig.FromClient(Data(1241)).Reason.ShouldBe(DropReason.PacketTooBig);
        rig.FromClient(Data(1240)).Reason.ShouldBe(DropReason.None);

        rig.Worker.AdvanceTimers(rig.Now += TimeSpan.FromMinutes(10));
        Open(rig);
        rig.FromClient(Data(1241)).Reason.ShouldBe(DropReason.None);
    }

    [Fact]
    public void TunnelError_Ipv6_TooBig_IsLearnedAndPassedOnToTheClient()
    {
        using DirectorRig rig = new DirectorRig().Service("[2001:db8::80]:80", ForwardingMethod.Tunnel, "[2001:db8:b::10]:80");
        rig.FromClient(PacketBuilder.Tcp("[2001:db8:f::7]:1", "[2001:db8::80]:80", TcpFlags.Syn));
        PacketBuilder inner = Tcp("[2001:db8:f::7]:1", "[2001:db8::80]:80");
        byte[] tunnelled = PacketBuilder.Ip("2001:db8:b::1", "2001:db8:b::10", 41).Encapsulate(inner).BuildIp();

        rig.FromReal(PacketBuilder.IcmpError("2001:db8:b::11", "2001:db8:b::1", 2, 0, tunnelled, 1400))
            .ShouldTransmit(PacketBuilder.IcmpError("2001:db8::80", Client6, 2, 0, inner.BuildIp(), 1360).Ttl(64).Macs(F0, Router));
    }

    [Fact]
    public void TunnelError_ShortQuoteOrNoDontFragment_IsTakenAndNotPassedOn()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Tunnel, "10.1.0.10:80");
        Open(rig);
        byte[] tunnelled = PacketBuilder.Ip("10.1.0.1", "10.1.0.10", 4)
            .Encapsulate(Tcp("203.0.113.7:40000", "192.0.2.1:80").DontFragment(false)).BuildIp();

        rig.FromReal(PacketBuilder.IcmpError("10.1.0.11", "10.1.0.1", 3, 4, tunnelled.AsSpan(0, 28), 1300)).ShouldDrop(DropReason.TunnelErrorTaken);
        rig.FromReal(PacketBuilder.IcmpError("10.1.0.11", "10.1.0.1", 3, 4, tunnelled, 1200)).ShouldDrop(DropReason.TunnelErrorTaken);
    }

    [Fact]
    public void TunnelError_OtherKinds_ArePassedOn()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Tunnel, "10.1.0.10:80");
        Open(rig);
        PacketBuilder inner = Tcp("203.0.113.7:40000", "192.0.2.1:80");
        byte[] tunnelled = PacketBuilder.Ip("10.1.0.1", "10.1.0.10", 4).Encapsulate(inner).BuildIp();

        rig.FromReal(PacketBuilder.IcmpError("10.1.0.11", "10.1.0.1", 3, 2, tunnelled))
            .ShouldTransmit(PacketBuilder.IcmpError("192.0.2.1", Client, 3, 2, inner.BuildIp()).Tos(0xC0).Ttl(64).Id(1).DontFragment(false).Macs(F0, Router));
    }

    [Fact]
    public void GeneratedErrors_AreLimitedToABurstAndARate()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat);
        Sent Try(int port) => rig.FromClient(PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.1:80", TcpFlags.Syn));

        for (int i = 0; i < 50; i++) Try(1000 + i).Verdict.ShouldBe(Verdict.Transmit);
        Try(2000).ShouldDrop(DropReason.NoDestination);
        rig.Worker.CountEvents(ForwardingEvent.IcmpRateLimited).ShouldBe(1);
        rig.Now += TimeSpan.FromMilliseconds(1);
        Try(2001).Verdict.ShouldBe(Verdict.Transmit);
        Try(2002).Verdict.ShouldBe(Verdict.Drop);
    }

    [Fact]
    public void NoErrorAboutAnError_NorToAMulticastSource()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Nat);
        Open(rig);

        rig.FromClient(PacketBuilder.IcmpError(RouterAddress, Vip, 3, 4, Tcp("192.0.2.1:80", "203.0.113.7:40000").BuildIp(), 1400).Ttl(1))
            .ShouldDrop(DropReason.TtlExpired);
        rig.Worker.CountEvents(ForwardingEvent.IcmpForbidden).ShouldBe(1);
    }
}
