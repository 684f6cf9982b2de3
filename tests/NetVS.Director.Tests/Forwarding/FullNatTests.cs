using NetVS.Director.Connections;
using NetVS.Director.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

public sealed class FullNatTests
{
    private const uint ClientIsn = 1000;
    private const uint RealIsn = 500_000;

    private static DirectorRig Rig(string real = "10.1.0.10:8080", int maxConnections = 1024, params string[] locals)
    {
        DirectorRig rig = new DirectorRig("addr add 10.1.0.2/24 dev b0", maxConnections).Service("192.0.2.1:80", ForwardingMethod.FullNat, real);
        foreach (string local in locals.DefaultIfEmpty("10.1.0.2"))
            rig.Engine.AddLocalAddress(Key(IpProtocol.Tcp, "192.0.2.1:80"), IpAddress.Parse(local)).ShouldBe(RuleResult.Ok);
        return rig;
    }

    private static PacketBuilder FromClient(TcpFlags flags, uint seq, int port = 40000) =>
        PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.1:80", flags).Seq(seq).Id(7).Ttl(64);

    private static uint SequenceOf(Sent sent) => WireView.ReadAt<TcpHeader>(sent.Frame, 34).Sequence.Host;

    private static PacketBuilder Forwarded(TcpFlags flags, uint seq) =>
        PacketBuilder.Tcp("10.1.0.2:5000", "10.1.0.10:8080", flags).Seq(seq).Id(7).Ttl(63).Macs(B0, RealMac(10));

    private static PacketBuilder Reply(TcpFlags flags, uint ack) =>
        PacketBuilder.Tcp("10.1.0.10:8080", "10.1.0.2:5000", flags).Ack(ack).Id(8).Ttl(64);

    private static PacketBuilder Returned(TcpFlags flags, uint ack) =>
        PacketBuilder.Tcp("192.0.2.1:80", "203.0.113.7:40000", flags).Ack(ack).Id(8).Ttl(63).Macs(F0, Router);

    /// <summary>SYN and SYN-ACK pass; answers the director's initial sequence number.</summary>
    private static uint Open(DirectorRig rig)
    {
        uint own = SequenceOf(rig.FromClient(FromClient(TcpFlags.Syn, ClientIsn)));
        rig.FromReal(Reply(TcpFlags.Syn, own + 1).Seq(RealIsn)).Verdict.ShouldBe(Verdict.Transmit);
        return own;
    }

    [Fact]
    public void Syn_LeavesFromTheLocalAddress_WithoutTimestamps()
    {
        using DirectorRig rig = Rig();

        Sent sent = rig.FromClient(FromClient(TcpFlags.Syn, ClientIsn).Mss(1460).SackPermitted().Timestamps(77, 0).Nop().WindowScale(7));

        uint own = SequenceOf(sent);
        own.ShouldNotBe(ClientIsn);
        PacketBuilder expected = Forwarded(TcpFlags.Syn, own).Mss(1460).SackPermitted();
        for (int i = 0; i < 11; i++) expected.Nop();
        sent.ShouldTransmit(expected.WindowScale(7));
        ConnectionView connection = rig.Connections().ShouldHaveSingleItem();
        connection.Local.ShouldBe(Endpoints.Parse("10.1.0.2:5000"));
    }

    [Fact]
    public void Syn_TimestampRemovalOff_KeepsThem()
    {
        using DirectorRig rig = Rig();
        rig.Engine.Settings.TrySet("fullnat_timestamp_remove", "0", out _).ShouldBeTrue();

        Sent sent = rig.FromClient(FromClient(TcpFlags.Syn, ClientIsn).Nop().Nop().Timestamps(77, 0));

        sent.ShouldTransmit(Forwarded(TcpFlags.Syn, SequenceOf(sent)).Nop().Nop().Timestamps(77, 0));
    }

    [Fact]
    public void Syn_SentAgain_KeepsItsSequenceNumber()
    {
        using DirectorRig rig = Rig();
        uint first = SequenceOf(rig.FromClient(FromClient(TcpFlags.Syn, ClientIsn)));
        rig.Now += TimeSpan.FromSeconds(1);

        SequenceOf(rig.FromClient(FromClient(TcpFlags.Syn, ClientIsn))).ShouldBe(first);
        SequenceOf(rig.FromReal(Reply(TcpFlags.Syn, first + 1).Seq(RealIsn))).ShouldBe(RealIsn);
        SequenceOf(rig.FromClient(FromClient(TcpFlags.Syn, ClientIsn))).ShouldBe(first);
    }

    [Fact]
    public void SynAck_AcknowledgesTheClientsNumber_AndItsMssLeavesRoomForTheOption()
    {
        using DirectorRig rig = Rig();
        uint own = SequenceOf(rig.FromClient(FromClient(TcpFlags.Syn, ClientIsn)));

        rig.FromReal(Reply(TcpFlags.Syn, own + 1).Seq(RealIsn).Mss(1460))
            .ShouldTransmit(Returned(TcpFlags.Syn, ClientIsn + 1).Seq(RealIsn).Mss(1452));
    }

    [Fact]
    public void SynAndSynAck_MssNeverExceedsThePath()
    {
        using DirectorRig rig = Rig();

        Sent syn = rig.FromClient(FromClient(TcpFlags.Syn, ClientIsn).Mss(8960));
        uint own = SequenceOf(syn);
        syn.ShouldTransmit(Forwarded(TcpFlags.Syn, own).Mss(1460));
        rig.FromReal(Reply(TcpFlags.Syn, own + 1).Seq(RealIsn).Mss(8960))
            .ShouldTransmit(Returned(TcpFlags.Syn, ClientIsn + 1).Seq(RealIsn).Mss(1452));
    }

    [Fact]
    public void HandshakesLastAck_CarriesTheClientAddress()
    {
        using DirectorRig rig = Rig();
        uint own = Open(rig);

        rig.FromClient(FromClient(TcpFlags.Ack, ClientIsn + 1).Ack(RealIsn + 1))
            .ShouldTransmit(Forwarded(TcpFlags.Ack, own + 1).Ack(RealIsn + 1).ClientAddress(Endpoints.Parse("203.0.113.7:40000")));
        rig.Worker.CountEvents(ForwardingEvent.ToaInserted).ShouldBe(1);
    }

    [Fact]
    public void FirstData_CarriesTheClientAddress_BeforeOtherOptions_UntilTheRealServersDataIsAcknowledged()
    {
        using DirectorRig rig = Rig();
        uint own = Open(rig);

        rig.FromClient(FromClient(TcpFlags.Psh, ClientIsn + 1).Ack(RealIsn + 1).Nop().Nop().Timestamps(1, 2).Payload("GET /"))
            .ShouldTransmit(Forwarded(TcpFlags.Psh, own + 1).Ack(RealIsn + 1)
                .ClientAddress(Endpoints.Parse("203.0.113.7:40000")).Nop().Nop().Timestamps(1, 2).Payload("GET /"));
        rig.FromClient(FromClient(TcpFlags.Psh, ClientIsn + 6).Ack(RealIsn + 2).Payload("x"))
            .ShouldTransmit(Forwarded(TcpFlags.Psh, own + 6).Ack(RealIsn + 2).Payload("x"));
    }

    [Fact]
    public void ToaOff_NothingIsInserted()
    {
        using DirectorRig rig = Rig();
        rig.Engine.Settings.TrySet("fullnat_toa", "0", out _).ShouldBeTrue();
        uint own = SequenceOf(rig.FromClient(FromClient(TcpFlags.Syn, ClientIsn)));
        rig.FromReal(Reply(TcpFlags.Syn, own + 1).Seq(RealIsn).Mss(1460)).ShouldTransmit(Returned(TcpFlags.Syn, ClientIsn + 1).Seq(RealIsn).Mss(1460));

        rig.FromClient(FromClient(TcpFlags.Ack, ClientIsn + 1).Ack(RealIsn + 1))
            .ShouldTransmit(Forwarded(TcpFlags.Ack, own + 1).Ack(RealIsn + 1));
    }

    [Fact]
    public void FullHeader_NoOperationsGiveWay()
    {
        using DirectorRig rig = Rig();
        uint own = Open(rig);
        (uint, uint)[] blocks = [(1, 2), (3, 4)];

        // 12 + 20 octets of options and 2 of padding leave no room for 8; without the no-operations they do.
        rig.FromClient(FromClient(TcpFlags.None, ClientIsn + 1).Ack(RealIsn + 1).Nop().Nop().Timestamps(1, 2).Nop().Nop().Nop().Nop().Sack(blocks).Nop().Nop())
            .ShouldTransmit(Forwarded(TcpFlags.None, own + 1).Ack(RealIsn + 1)
                .ClientAddress(Endpoints.Parse("203.0.113.7:40000")).Timestamps(1, 2).Sack(blocks));
    }

    [Fact]
    public void NoRoomInTheHeader_IsCountedAndLeftOut()
    {
        using DirectorRig rig = Rig();
        uint own = Open(rig);
        (uint, uint)[] blocks = [(1, 2), (3, 4), (5, 6)];

        rig.FromClient(FromClient(TcpFlags.None, ClientIsn + 1).Ack(RealIsn + 1).Nop().Nop().Timestamps(1, 2).Nop().Nop().Sack(blocks))
            .ShouldTransmit(Forwarded(TcpFlags.None, own + 1).Ack(RealIsn + 1).Nop().Nop().Timestamps(1, 2).Nop().Nop().Sack(blocks));
        rig.Worker.CountEvents(ForwardingEvent.ToaNoRoom).ShouldBe(1);
    }

    [Fact]
    public void NoRoomInTheMtu_IsCountedAndLeftOut()
    {
        using DirectorRig rig = Rig();
        uint own = Open(rig);

        rig.FromClient(FromClient(TcpFlags.Psh, ClientIsn + 1).Ack(RealIsn + 1).Payload(1453))
            .ShouldTransmit(Forwarded(TcpFlags.Psh, own + 1).Ack(RealIsn + 1).Payload(1453));
        rig.Worker.CountEvents(ForwardingEvent.ToaNoRoom).ShouldBe(1);
        rig.FromClient(FromClient(TcpFlags.Psh, ClientIsn + 1).Ack(RealIsn + 1).Payload(1452)).Frame.Length.ShouldBe(14 + 1500);
    }

    [Fact]
    public void ForgedClientAddress_IsRemoved()
    {
        using DirectorRig rig = Rig();
        uint own = SequenceOf(rig.FromClient(FromClient(TcpFlags.Syn, ClientIsn)));

        PacketBuilder expected = Forwarded(TcpFlags.Syn, own);
        for (int i = 0; i < 8; i++) expected.Nop();
        rig.FromClient(FromClient(TcpFlags.Syn, ClientIsn).ClientAddress(Endpoints.Parse("1.2.3.4:5"))).ShouldTransmit(expected);

        rig.FromReal(Reply(TcpFlags.Syn, own + 1).Seq(RealIsn));
        PacketBuilder ack = Forwarded(TcpFlags.Ack, own + 1).Ack(RealIsn + 1).ClientAddress(Endpoints.Parse("203.0.113.7:40000"));
        for (int i = 0; i < 8; i++) ack.Nop();
        rig.FromClient(FromClient(TcpFlags.Ack, ClientIsn + 1).Ack(RealIsn + 1).ClientAddress(Endpoints.Parse("1.2.3.4:5"))).ShouldTransmit(ack);
        rig.Worker.CountEvents(ForwardingEvent.ToaForged).ShouldBe(2);
    }

    [Fact]
    public void PartialChecksum_StaysPartialWithTheOption()
    {
        using DirectorRig rig = Rig();
        uint own = Open(rig);

        Sent sent = rig.FromClient(FromClient(TcpFlags.Psh, ClientIsn + 1).Ack(RealIsn + 1).Payload("data").PartialChecksum());

        sent.ShouldTransmit(Forwarded(TcpFlags.Psh, own + 1).Ack(RealIsn + 1)
            .ClientAddress(Endpoints.Parse("203.0.113.7:40000")).Payload("data").PartialChecksum());
        sent.Offload.NeedsChecksum.ShouldBeTrue();
    }

    [Fact]
    public void UnsegmentedFrame_StaysSo_AndItsSegmentsFit()
    {
        using DirectorRig rig = Rig();
        uint own = Open(rig);

        Sent sent = rig.FromClient(FromClient(TcpFlags.Psh, ClientIsn + 1).Ack(RealIsn + 1).Payload(4000).PartialChecksum().Gso(GsoKind.TcpV4, 1460));

        sent.ShouldTransmit(Forwarded(TcpFlags.Psh, own + 1).Ack(RealIsn + 1)
            .ClientAddress(Endpoints.Parse("203.0.113.7:40000")).Payload(4000).PartialChecksum());
        sent.Offload.Gso.ShouldBe(GsoKind.TcpV4);
        sent.Offload.GsoSize.ShouldBe((ushort)1452);
        sent.Offload.HeaderLength.ShouldBe((ushort)(14 + 20 + 28));
    }

    [Fact]
    public void Reply_SackBlocksAreTranslated()
    {
        using DirectorRig rig = Rig();
        uint own = Open(rig);

        rig.FromReal(Reply(TcpFlags.None, own + 10).Seq(RealIsn + 1).Nop().Nop().Sack((own + 20, own + 30)))
            .ShouldTransmit(Returned(TcpFlags.None, ClientIsn + 10).Seq(RealIsn + 1).Nop().Nop().Sack((ClientIsn + 20, ClientIsn + 30)));
    }

    [Fact]
    public void ReuseOff_SynOnAClosedConnection_GetsANewSequenceNumber()
    {
        using DirectorRig rig = Rig();
        rig.Engine.Settings.TrySet("conn_reuse_mode", "0", out _).ShouldBeTrue();
        uint own = Open(rig);
        rig.FromClient(FromClient(TcpFlags.Ack, ClientIsn + 1).Ack(RealIsn + 1));
        rig.FromClient(FromClient(TcpFlags.Rst, ClientIsn + 1));
        rig.Now += TimeSpan.FromSeconds(5);

        Sent again = rig.FromClient(FromClient(TcpFlags.Syn, 77));

        // Five seconds at one tick every four microseconds (RFC 6528).
        SequenceOf(again).ShouldBe(unchecked(own + 1_250_000));
        again.ShouldTransmit(Forwarded(TcpFlags.Syn, SequenceOf(again)));
    }

    [Theory]
    [InlineData(254)]
    [InlineData(253)]
    public void Ipv6_AllOfIt(int kind)
    {
        using DirectorRig rig = new DirectorRig("addr add 2001:db8:b::2/64 dev b0").Service("[2001:db8::80]:80", ForwardingMethod.FullNat, "[2001:db8:b::10]:80");
        rig.Engine.AddLocalAddress(Key(IpProtocol.Tcp, "[2001:db8::80]:80"), IpAddress.Parse("2001:db8:b::2"));
        rig.Engine.Settings.TrySet("fullnat_toa_v6_kind", $"{kind}", out _).ShouldBeTrue();
        PacketBuilder In(TcpFlags flags, uint seq) => PacketBuilder.Tcp("[2001:db8:f::7]:40000", "[2001:db8::80]:80", flags).Seq(seq).Ttl(64);
        PacketBuilder Out(TcpFlags flags, uint seq) =>
            PacketBuilder.Tcp("[2001:db8:b::2]:5000", "[2001:db8:b::10]:80", flags).Seq(seq).Ttl(63).Macs(B0, RealMac(10));

        Sent syn = rig.FromClient(In(TcpFlags.Syn, ClientIsn).Mss(1440));
        uint own = WireView.ReadAt<TcpHeader>(syn.Frame, 54).Sequence.Host;
        syn.ShouldTransmit(Out(TcpFlags.Syn, own).Mss(1440));
        rig.FromReal(PacketBuilder.Tcp("[2001:db8:b::10]:80", "[2001:db8:b::2]:5000", TcpFlags.Syn).Seq(RealIsn).Ack(own + 1).Mss(1440).Ttl(64))
            .ShouldTransmit(PacketBuilder.Tcp("[2001:db8::80]:80", "[2001:db8:f::7]:40000", TcpFlags.Syn).Seq(RealIsn).Ack(ClientIsn + 1).Mss(1420).Ttl(63).Macs(F0, Router));
        byte[] option = [(byte)kind, 20, 0x9C, 0x40, .. Convert.FromHexString("20010DB8000F00000000000000000007")];
        rig.FromClient(In(TcpFlags.Ack, ClientIsn + 1).Ack(RealIsn + 1).Payload("q"))
            .ShouldTransmit(Out(TcpFlags.Ack, own + 1).Ack(RealIsn + 1).Option(option).Payload("q"));
    }

    [Fact]
    public void Udp_IsRewrittenBothWays()
    {
        using DirectorRig rig = new DirectorRig("addr add 10.1.0.2/24 dev b0").Service(IpProtocol.Udp, "192.0.2.1:53", ForwardingMethod.FullNat, "10.1.0.10:53");
        rig.Engine.AddLocalAddress(Key(IpProtocol.Udp, "192.0.2.1:53"), IpAddress.Parse("10.1.0.2"));

        rig.FromClient(PacketBuilder.Udp("203.0.113.7:9", "192.0.2.1:53").Payload("q").Ttl(64))
            .ShouldTransmit(PacketBuilder.Udp("10.1.0.2:5000", "10.1.0.10:53").Payload("q").Ttl(63).Macs(B0, RealMac(10)));
        rig.FromReal(PacketBuilder.Udp("10.1.0.10:53", "10.1.0.2:5000").Payload("a").Ttl(64))
            .ShouldTransmit(PacketBuilder.Udp("192.0.2.1:53", "203.0.113.7:9").Payload("a").Ttl(63).Macs(F0, Router));
    }

    [Fact]
    public void NoLocalAddress_DropsUnderItsReason()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.FullNat, "10.1.0.10:80");

        rig.FromClient(FromClient(TcpFlags.Syn, 1)).ShouldDrop(DropReason.NoLocalAddress);
        rig.Connections().ShouldBeEmpty();
    }

    [Fact]
    public void LocalPorts_RunOut_PerRealServer_AndComeBackWhenConnectionsEnd()
    {
        using DirectorRig rig = Rig(locals: ["10.1.0.2", "10.1.0.3"]);
        rig.Engine.Settings.TrySet("fullnat_port_min", "50000", out _).ShouldBeTrue();
        rig.Engine.Settings.TrySet("fullnat_port_max", "50003", out _).ShouldBeTrue();

        for (int i = 0; i < 8; i++) rig.FromClient(FromClient(TcpFlags.Syn, 1, 100 + i)).Verdict.ShouldBe(Verdict.Transmit);
        rig.FromClient(FromClient(TcpFlags.Syn, 1, 200)).ShouldDrop(DropReason.LocalPortsExhausted);
        rig.Connections().Select(c => c.Local).Distinct().Count().ShouldBe(8);

        // Another real server has all ports of its own.
        ServiceKey key = Key(IpProtocol.Tcp, "192.0.2.1:80");
        rig.Engine.AddDestination(key, new DestinationRule { Real = Endpoints.Parse("10.1.0.11:8080"), Method = ForwardingMethod.FullNat });
        for (int i = 0; i < 16; i++) rig.FromClient(FromClient(TcpFlags.Syn, 1, 300 + i));
        rig.Connections().Count(c => c.Real.Address == Ipv4Address.Of(10, 1, 0, 11)).ShouldBe(8);
        rig.Engine.FindService(key)!.LocalAddresses.Sum(l => l.PortsInUse).ShouldBe(16);

        for (rig.Now += TimeSpan.FromSeconds(61); rig.Worker.ConnectionCount > 0;) rig.Worker.AdvanceTimers(rig.Now);
        rig.Engine.FindService(key)!.LocalAddresses.Sum(l => l.PortsInUse).ShouldBe(0);
        rig.FromClient(FromClient(TcpFlags.Syn, 1, 200)).Verdict.ShouldBe(Verdict.Transmit);
    }

    [Fact]
    public void RealServerThatIsTheDirector_GetsTheClientsOwnAddress()
    {
        using DirectorRig rig = Rig(real: "10.1.0.1:8080");

        rig.FromClient(FromClient(TcpFlags.Syn, 1)).ShouldGoToStack(
            PacketBuilder.Tcp("203.0.113.7:40000", "10.1.0.1:8080", TcpFlags.Syn).Seq(1).Id(7).Ttl(64).Macs(Router, F0));
    }
}
