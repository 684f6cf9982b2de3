using NetVS.Director.Connections;
using NetVS.Director.Forwarding;
using NetVS.Director.Network;
using NetVS.Director.Offload;
using NetVS.Director.Services;
using NetVS.Director.Tests.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Flows;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Offload;

/// <summary>What is installed, when, and that everything about a connection stays true while the fast path has it.</summary>
public sealed class OffloadTests
{
    private static readonly ServiceKey s_service = Key(IpProtocol.Tcp, "192.0.2.1:80");
    private static readonly IpEndpoint s_real = Endpoints.Parse("10.1.0.10:8080");

    private static DirectorRig Rig(ForwardingMethod method = ForwardingMethod.Nat, FlowTestMemory? flows = null, string real = "10.1.0.10:8080")
    {
        DirectorRig rig = new DirectorRig("addr add 10.1.0.2/24 dev b0\naddr add 2001:db8:b::2/64 dev b0", flows: flows ?? new FlowTestMemory())
            .Service("192.0.2.1:80", method, real)
            .Service(IpProtocol.Udp, "192.0.2.1:53", method, "10.1.0.10:5353")
            .Service("[2001:db8::80]:80", method, "[2001:db8:b::10]:8080");
        rig.Engine.AddLocalAddress(s_service, IpAddress.Parse("10.1.0.2"));
        rig.Engine.AddLocalAddress(Key(IpProtocol.Udp, "192.0.2.1:53"), IpAddress.Parse("10.1.0.2"));
        rig.Engine.AddLocalAddress(Key(IpProtocol.Tcp, "[2001:db8::80]:80"), IpAddress.Parse("2001:db8:b::2"));
        return rig;
    }

    private static PacketBuilder Request(TcpFlags flags, int port = 40000) => PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.1:80", flags).Seq(2).Ttl(64);

    private static PacketBuilder Reply(TcpFlags flags, int port = 40000) => PacketBuilder.Tcp("10.1.0.10:8080", $"203.0.113.7:{port}", flags).Seq(9).Ttl(64);

    private static PacketBuilder Datagram(int port = 40000) => PacketBuilder.Udp($"203.0.113.7:{port}", "192.0.2.1:53").Payload(10);

    private static OffloadStatus Status(DirectorRig rig) => rig.Engine.Offload!.Status;

    /// <summary>Whether the frame was forwarded without the director.</summary>
    private static bool Bypasses(DirectorRig rig, PacketBuilder packet, bool isReply = false)
    {
        int before = rig.Twin!.Forwarded;
        (isReply ? rig.FromReal(packet) : rig.FromClient(packet)).Verdict.ShouldBe(Verdict.Transmit);
        return rig.Twin.Forwarded > before;
    }

    private static void Open(DirectorRig rig, int port = 40000)
    {
        Bypasses(rig, Request(TcpFlags.Syn, port)).ShouldBeFalse();
        Bypasses(rig, Reply(TcpFlags.Syn | TcpFlags.Ack, port), isReply: true).ShouldBeTrue();
        Bypasses(rig, Request(TcpFlags.Ack, port)).ShouldBeTrue();
        rig.Settle();
    }

    private static void Let(DirectorRig rig, double seconds)
    {
        for (double passed = 0; passed < seconds; passed += 0.25)
        {
            rig.Now += TimeSpan.FromSeconds(0.25);
            rig.Settle();
            rig.Engine.Tick(rig.Now);
        }
    }

    [Theory]
    [InlineData(ForwardingMethod.Nat, 2)]
    [InlineData(ForwardingMethod.DirectRouting, 1)]
    [InlineData(ForwardingMethod.Tunnel, 1)]
    [InlineData(ForwardingMethod.FullNat, 0)]
    public void ASyn_InstallsBothDirections_OrTheOneThereIs(ForwardingMethod method, int lines)
    {
        using DirectorRig rig = Rig(method);
        rig.FromClient(Request(TcpFlags.Syn));
        Status(rig).LinesV4.ShouldBe(lines);
        rig.FromClient(PacketBuilder.Tcp("[2001:db8:f::7]:40000", "[2001:db8::80]:80", TcpFlags.Syn));
        Status(rig).LinesV6.ShouldBe(lines);
    }

    [Theory]
    [InlineData(ForwardingMethod.Nat, 2, 2)]
    [InlineData(ForwardingMethod.FullNat, 2, 2)]
    [InlineData(ForwardingMethod.DirectRouting, 0, 1)]
    [InlineData(ForwardingMethod.Tunnel, 0, 1)]
    public void Udp_InstallsAtTheFirstOrSecondDatagram(ForwardingMethod method, int first, int second)
    {
        using DirectorRig rig = Rig(method);
        rig.FromClient(Datagram());
        Status(rig).LinesV4.ShouldBe(first);
        rig.FromClient(Datagram());
        Status(rig).LinesV4.ShouldBe(second);
        Bypasses(rig, Datagram()).ShouldBeTrue();
    }

    [Fact]
    public void FullNat_IsInstalled_WhenTheClientHasAcknowledgedData()
    {
        using DirectorRig rig = Rig(ForwardingMethod.FullNat);
        uint own = WireView.ReadAt<TcpHeader>(rig.FromClient(Request(TcpFlags.Syn).Seq(1000)).Frame, 34).Sequence.Host;
        PacketBuilder Back(uint seq, TcpFlags flags) => PacketBuilder.Tcp("10.1.0.10:8080", "10.1.0.2:5000", flags).Seq(seq).Ack(own + 1);
        rig.FromReal(Back(7000, TcpFlags.Syn));
        rig.FromClient(Request(TcpFlags.None).Seq(1001).Ack(7001)).Frame.Length.ShouldBe(54 + 8, "with the client's address");
        rig.FromReal(Back(7001, TcpFlags.None).Payload(100));
        rig.FromClient(Request(TcpFlags.None).Seq(1001).Ack(7001).Payload(3)).Frame.Length.ShouldBe(54 + 8 + 3, "still nothing acknowledged");
        Status(rig).LinesV4.ShouldBe(0);

        rig.FromClient(Request(TcpFlags.None).Seq(1004).Ack(7101)).Frame.Length.ShouldBe(54);
        Status(rig).LinesV4.ShouldBe(2);

        Sent sent = default!;
        Bypasses(rig, Request(TcpFlags.None).Seq(1004).Ack(7101).Payload(5)).ShouldBeTrue();
        sent = rig.FromReal(Back(7101, TcpFlags.None));
        WireView.ReadAt<TcpHeader>(sent.Frame, 34).Acknowledgment.Host.ShouldBe(1001u);
        Bypasses(rig, Request(TcpFlags.None).Seq(1009).Ack(7101).Mss(1460)).ShouldBeFalse("options are the director's");
        Bypasses(rig, Request(TcpFlags.None).Seq(1009).Ack(7101)).ShouldBeTrue();
    }

    [Fact]
    public void AnEvent_MovesTheState_AndTheTimeout()
    {
        using DirectorRig rig = Rig();
        Open(rig);
        rig.Connections().ShouldHaveSingleItem().State.ShouldBe("ESTABLISHED");
        rig.Engine.ListServices().Single(s => s.Rule.Key == s_service).Destinations[0].ActiveConnections.ShouldBe(1);

        Bypasses(rig, Reply(TcpFlags.Fin | TcpFlags.Ack), isReply: true).ShouldBeTrue();
        ConnectionView view = rig.Connections().ShouldHaveSingleItem();
        view.State.ShouldBe("FIN_WAIT");
        view.ExpiresIn.TotalSeconds.ShouldBe(120, 0.3);
        rig.Engine.ListServices().Single(s => s.Rule.Key == s_service).Destinations[0].ActiveConnections.ShouldBe(0);

        Bypasses(rig, Request(TcpFlags.Rst)).ShouldBeTrue();
        rig.Connections().ShouldHaveSingleItem().State.ShouldBe("CLOSE");
    }

    [Fact]
    public void KnownEvents_AreNotReported_UnknownOnesAre()
    {
        using DirectorRig rig = Rig();
        Open(rig);
        long before = Status(rig).Reports;
        for (int i = 0; i < 10; i++)
        {
            Bypasses(rig, Request(TcpFlags.Ack)).ShouldBeTrue();
            Bypasses(rig, Reply(TcpFlags.Ack), isReply: true).ShouldBeTrue();
        }

        rig.Settle();
        Status(rig).Reports.ShouldBe(before);

        // Until the director has seen the first one, all are.
        Bypasses(rig, Request(TcpFlags.Fin | TcpFlags.Ack)).ShouldBeTrue();
        for (int i = 0; i < 3; i++) Bypasses(rig, Reply(TcpFlags.Ack), isReply: true).ShouldBeTrue();
        rig.Settle();
        Status(rig).Reports.ShouldBe(before + 4);
        for (int i = 0; i < 3; i++) Bypasses(rig, Reply(TcpFlags.Ack), isReply: true).ShouldBeTrue();
        rig.Settle();
        Status(rig).Reports.ShouldBe(before + 4);
    }

    [Fact]
    public void ASynOfTheClient_AlwaysReachesTheDirector_WhichSchedulesAnew()
    {
        using DirectorRig rig = Rig();
        Open(rig);
        Bypasses(rig, Request(TcpFlags.Rst)).ShouldBeTrue();
        Bypasses(rig, Request(TcpFlags.Syn)).ShouldBeFalse();
        rig.Connections().ShouldHaveSingleItem().State.ShouldBe("SYN_RECV");
        rig.Worker.CountEvents(ForwardingEvent.ConnectionReused).ShouldBe(1);
        Status(rig).LinesV4.ShouldBe(2);
    }

    [Fact]
    public void Timers_FollowThePacketsThatBypass()
    {
        using DirectorRig rig = Rig();
        Open(rig);
        for (int i = 0; i < 4; i++)
        {
            Let(rig, 500);
            rig.Connections().ShouldHaveSingleItem().ExpiresIn.TotalSeconds.ShouldBe(400, 0.6);
            Bypasses(rig, i % 2 == 0 ? Request(TcpFlags.Ack) : Reply(TcpFlags.Ack), isReply: i % 2 != 0).ShouldBeTrue();
            rig.Connections().ShouldHaveSingleItem().ExpiresIn.TotalSeconds.ShouldBe(900, 0.3);
        }

        Let(rig, 899.5);
        rig.Connections().Count.ShouldBe(1);
        Let(rig, 1.25);
        rig.Connections().ShouldBeEmpty();
        Status(rig).LinesV4.ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AShorterTimeout_ActsAtTheNextPacket(bool isUdp)
    {
        using DirectorRig rig = Rig();
        if (isUdp) rig.FromClient(Datagram());
        else Open(rig);
        PacketBuilder next = isUdp ? Datagram() : Request(TcpFlags.Ack);
        Let(rig, 10);
        rig.Engine.SetTimeouts(new DirectorTimeouts(60, 0, 60)).ShouldBe(RuleResult.Ok);
        Let(rig, 100);
        rig.Connections().ShouldHaveSingleItem().ExpiresIn.TotalSeconds.ShouldBe((isUdp ? 300 : 900) - 110, 0.6, "no packet yet");

        LivesAMinuteFrom(rig, next);
    }

    // A packet that passes in the fast path, and the connection's end a minute behind it.
    private static void LivesAMinuteFrom(DirectorRig rig, PacketBuilder next)
    {
        Bypasses(rig, next).ShouldBeTrue();
        rig.Connections().ShouldHaveSingleItem().ExpiresIn.TotalSeconds.ShouldBe(60, 0.3);
        Let(rig, 59.5);
        rig.Connections().Count.ShouldBe(1);
        Let(rig, 1.25);
        rig.Connections().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AServicesShorterTimeout_ActsAtTheNextPacket(bool isUdp)
    {
        using DirectorRig rig = Rig();
        ServiceKey key = isUdp ? Key(IpProtocol.Udp, "192.0.2.1:53") : s_service;
        if (isUdp) rig.FromClient(Datagram());
        else Open(rig);
        PacketBuilder next = isUdp ? Datagram() : Request(TcpFlags.Ack);

        // A packet that passed before the change loaded the old timeout, whoever reads of it afterwards.
        Bypasses(rig, next).ShouldBeTrue();
        VirtualServiceRule rule = rig.Engine.FindService(key)!.Rule;
        rig.Engine.EditService(rule with { Options = isUdp ? new ServiceOptions { UdpTimeout = 60 } : new ServiceOptions { TcpTimeout = 60 } }).ShouldBe(RuleResult.Ok);
        Let(rig, 100);
        rig.Connections().ShouldHaveSingleItem().ExpiresIn.TotalSeconds.ShouldBe((isUdp ? 300 : 900) - 100, 0.6, "no packet yet");

        LivesAMinuteFrom(rig, next);
    }

    [Fact]
    public void AShorterTimeout_ActsAtANextPacketThatComesMuchLater()
    {
        using DirectorRig rig = Rig();
        rig.FromClient(Datagram());
        rig.Engine.SetTimeouts(new DirectorTimeouts(0, 0, 20));
        Let(rig, 250);
        Bypasses(rig, Datagram()).ShouldBeTrue();
        Let(rig, 19.5);
        rig.Connections().Count.ShouldBe(1);
        Let(rig, 1.25);
        rig.Connections().ShouldBeEmpty();
    }

    [Fact]
    public void SecureTcp_ActsOnWhatIsReported()
    {
        using DirectorRig rig = Rig();
        rig.FromClient(Request(TcpFlags.Syn));
        rig.Engine.Settings.TrySet("secure_tcp", "3", out _).ShouldBeTrue();
        rig.Settle();
        Bypasses(rig, Reply(TcpFlags.Syn | TcpFlags.Ack), isReply: true).ShouldBeTrue();
        rig.Connections().ShouldHaveSingleItem().State.ShouldBe("SYNACK");
    }

    [Fact]
    public void Counters_CountEveryPacketOnce()
    {
        using DirectorRig rig = Rig();
        rig.Engine.Tick(rig.Now);
        Open(rig);
        rig.Twin!.Cpu = 1;
        for (int i = 0; i < 3; i++) Bypasses(rig, Request(TcpFlags.Ack).Payload(60)).ShouldBeTrue();
        Let(rig, 4);
        var view = rig.Engine.ListServices().Single(s => s.Rule.Key == s_service).Destinations[0].Statistics;
        view.ShouldBe(rig.Engine.Totals);
        (view.Connections, view.InboundPackets, view.OutboundPackets).ShouldBe((1ul, 5ul, 1ul));
        (view.InboundBytes, view.OutboundBytes).ShouldBe((40ul + 40 + (3 * 100), 40ul));
        rig.Connections();
        rig.Worker.V4.Connections[1].InPackets.ShouldBe(5u);
    }

    [Fact]
    public void ADeletedDestination_IsForwardedToNoMore_AndComesBack()
    {
        using DirectorRig rig = Rig();
        Open(rig);
        rig.Engine.DeleteDestination(s_service, s_real).ShouldBe(RuleResult.Ok);
        rig.FromClient(Request(TcpFlags.Ack)).Reason.ShouldBe(DropReason.DestinationUnavailable);
        Bypasses(rig, Reply(TcpFlags.Ack), isReply: true).ShouldBeFalse("a reply is passed on by the director, uncounted");

        rig.Engine.AddDestination(s_service, new DestinationRule { Real = s_real, Method = ForwardingMethod.Nat }).ShouldBe(RuleResult.Ok);
        Bypasses(rig, Request(TcpFlags.Ack)).ShouldBeTrue();
        Let(rig, 4);
        rig.Engine.ListServices().Single(s => s.Rule.Key == s_service).Destinations[0].Statistics.InboundPackets.ShouldBe(3ul);
    }

    [Fact]
    public void ADeletedService_IsForwardedNoMore_AndAnIndexUsedAgainBeginsAtZero()
    {
        using DirectorRig rig = Rig();
        Open(rig);
        Let(rig, 3);
        int index = rig.Worker.V4.Connections[1].DestinationIndex;
        rig.Engine.DeleteService(s_service);
        rig.FromClient(Request(TcpFlags.Ack)).Verdict.ShouldNotBe(Verdict.Transmit);
        rig.Flows!.Memory.Counters[index].Withdrawn.ShouldBe(1ul);
        rig.Flows.Memory.Counters[1024 + index].Withdrawn.ShouldBe(1ul, "for every CPU");

        // Until the connection has expired and the trash is emptied.
        Let(rig, 1400);
        rig.Service("192.0.2.1:81", ForwardingMethod.Nat, "10.1.0.11:81");
        rig.Engine.Destinations[index].Port.ShouldBe((ushort)81, "the index is used again");
        rig.Flows.Memory.Counters[index].Withdrawn.ShouldBe(0ul);
        Let(rig, 4);
        rig.Engine.ListServices().Single(s => s.Rule.Key.Port == 81).Destinations[0].Statistics.InboundPackets.ShouldBe(0ul);
    }

    [Fact]
    public void AnUnknownNeighbour_IsAskedFor_AndTheFlowGoesOnByItself()
    {
        using DirectorRig rig = Rig();
        Open(rig);
        rig.Batch.Execute("neigh del 10.1.0.10 dev b0").ShouldBeTrue();
        rig.Batch.Publish(rig.Network);
        rig.FromClient(Request(TcpFlags.Ack)).Verdict.ShouldBe(Verdict.AwaitNeighbour);
        rig.Batch.Execute("neigh replace 10.1.0.10 lladdr 02:00:00:00:00:77 dev b0").ShouldBeTrue();
        rig.Batch.Publish(rig.Network);
        Sent sent = rig.FromClient(Request(TcpFlags.Ack));
        MacAddress.Read(sent.Frame).ShouldBe(RealMac(77));
        Bypasses(rig, Request(TcpFlags.Ack)).ShouldBeTrue();
    }

    [Fact]
    public void ANewRoute_MovesFlowsToTheNewHop()
    {
        using DirectorRig rig = Rig();
        Open(rig);
        rig.Batch.Execute("route add 10.1.0.10/32 via 10.1.0.11 dev b0 mtu 1400").ShouldBeTrue();
        rig.Batch.Publish(rig.Network);
        rig.Settle();
        Status(rig).Rewrites.ShouldBeGreaterThan(0);

        Sent sent = rig.FromClient(Request(TcpFlags.Ack));
        rig.Twin!.Decision.ShouldBe("forwarded");
        MacAddress.Read(sent.Frame).ShouldBe(RealMac(11));
        rig.FromClient(Request(TcpFlags.Ack).Payload(1401 - 40).DontFragment()).Reason.ShouldBe(DropReason.PacketTooBig);
        rig.Twin.Decision.ShouldBe("size");

        rig.Batch.Execute("route del 10.1.0.10/32 via 10.1.0.11 dev b0").ShouldBeTrue();
        rig.Batch.Execute("route add blackhole 10.1.0.10/32").ShouldBeTrue();
        rig.Batch.Publish(rig.Network);
        rig.Settle();
        Status(rig).LinesV4.ShouldBe(0, "there is no way any more");
    }

    [Fact]
    public void AnotherPathMtu_OfATunnel_IsKnownToItsFlows()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Tunnel);
        rig.FromClient(Request(TcpFlags.Syn));
        Bypasses(rig, Request(TcpFlags.Ack).Payload(1480 - 40).DontFragment()).ShouldBeTrue();
        rig.Engine.PathMtus.Learn(IpAddress.Parse("10.1.0.10"), 1400, 1500, rig.Now);
        rig.Settle();
        rig.FromClient(Request(TcpFlags.Ack).Payload(1381 - 40).DontFragment()).Reason.ShouldBe(DropReason.PacketTooBig);
        Bypasses(rig, Request(TcpFlags.Ack).Payload(1380 - 40).DontFragment()).ShouldBeTrue();
    }

    [Theory]
    [InlineData(TunnelType.Gre, TunnelChecksum.None, 0, 1476)]
    [InlineData(TunnelType.Gue, TunnelChecksum.None, 6080, 1468)]
    [InlineData(TunnelType.Gre, TunnelChecksum.Checksum, 0, 0)]
    [InlineData(TunnelType.Gue, TunnelChecksum.RemoteChecksum, 6080, 0)]
    public void EditedTunnel_IsKnownToItsFlows_OrTheDirectorsWhereItHasAChecksum(TunnelType type, TunnelChecksum checksum, int port, int largest)
    {
        using DirectorRig rig = Rig(ForwardingMethod.Tunnel);
        rig.FromClient(Request(TcpFlags.Syn));
        Status(rig).LinesV4.ShouldBe(1);
        rig.Engine.EditDestination(s_service, new DestinationRule
        {
            Real = Endpoints.Parse("10.1.0.10:8080"), Method = ForwardingMethod.Tunnel, TunnelType = type, TunnelChecksum = checksum, TunnelPort = (ushort)port,
        }).ShouldBe(RuleResult.Ok);
        rig.Settle();
        Status(rig).LinesV4.ShouldBe(largest > 0 ? 1 : 0);
        if (largest == 0) return;
        Bypasses(rig, Request(TcpFlags.Ack).Payload(largest - 40).DontFragment()).ShouldBeTrue();
        rig.FromClient(Request(TcpFlags.Ack).Payload(largest + 1 - 40).DontFragment()).Reason.ShouldBe(DropReason.PacketTooBig);
    }

    [Fact]
    public void TunnelToTheOtherFamily_IsTheDirectors()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Tunnel);
        rig.Engine.AddService(new VirtualServiceRule { Key = Key(IpProtocol.Tcp, "192.0.2.1:82"), Scheduler = "rr", NetmaskPrefix = 32 }).ShouldBe(RuleResult.Ok);
        rig.Engine.AddDestination(Key(IpProtocol.Tcp, "192.0.2.1:82"), new DestinationRule
        {
            Real = Endpoints.Parse("[2001:db8:b::10]:82"), Method = ForwardingMethod.Tunnel,
        }).ShouldBe(RuleResult.Ok);
        rig.FromClient(PacketBuilder.Tcp("203.0.113.7:40000", "192.0.2.1:82", TcpFlags.Syn)).Verdict.ShouldBe(Verdict.Transmit);
        rig.FromClient(PacketBuilder.Tcp("203.0.113.7:40000", "192.0.2.1:82", TcpFlags.Ack)).Verdict.ShouldBe(Verdict.Transmit);
        Status(rig).LinesV4.ShouldBe(0);
    }

    [Fact]
    public void WithoutPathMtuDiscovery_TunnelsAreTheDirectors()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Tunnel);
        rig.FromClient(Request(TcpFlags.Syn));
        Status(rig).LinesV4.ShouldBe(1);
        rig.Engine.Settings.TrySet("pmtu_disc", "0", out _);
        rig.Settle();
        Status(rig).LinesV4.ShouldBe(0);
        rig.FromClient(Request(TcpFlags.Syn, 40001));
        Status(rig).LinesV4.ShouldBe(0);
    }

    [Fact]
    public void LocalRealServers_AndClients_AreNotOffloaded()
    {
        using DirectorRig rig = Rig(real: "10.1.0.1:8080");
        rig.FromClient(Request(TcpFlags.Syn)).Verdict.ShouldBe(Verdict.ToStack);
        rig.FromClient(Request(TcpFlags.Ack)).Verdict.ShouldBe(Verdict.ToStack);
        Status(rig).LinesV4.ShouldBe(0);
    }

    [Fact]
    public void Fragments_InstallNothing()
    {
        using DirectorRig rig = Rig();
        foreach (byte[] piece in Datagram().Payload(3000).DontFragment(false).Macs(Router, F0).BuildFragments(1500))
            rig.Process(piece, rig.InterfaceOf("f0")).Verdict.ShouldBe(Verdict.Transmit);
        Status(rig).LinesV4.ShouldBe(0);
    }

    [Fact]
    public void AFullTable_RefusesAndCounts_AndNothingElseChanges()
    {
        using DirectorRig rig = Rig(flows: new FlowTestMemory(buckets: 1));
        rig.FromClient(Request(TcpFlags.Syn, 40000));
        Status(rig).LinesV4.ShouldBe(2, "half full");
        rig.FromClient(Request(TcpFlags.Syn, 40001));
        Status(rig).LinesV4.ShouldBe(2, "now it must be established");
        rig.FromClient(Request(TcpFlags.Ack, 40001));
        Status(rig).LinesV4.ShouldBe(4);
        rig.FromClient(Request(TcpFlags.Syn, 40002));
        Bypasses(rig, Request(TcpFlags.Ack, 40002)).ShouldBeFalse();
        Status(rig).RefusedFull.ShouldBe(1);
        rig.Connections().Count.ShouldBe(3);

        // What closes makes room for the others: the one refused asks again at its 64th request.
        Bypasses(rig, Request(TcpFlags.Ack, 40000)).ShouldBeTrue();
        Bypasses(rig, Request(TcpFlags.Rst, 40000)).ShouldBeTrue();
        rig.Settle();
        Status(rig).LinesV4.ShouldBe(2);
        for (int i = 2; i < 64; i++) Bypasses(rig, Request(TcpFlags.Ack, 40002)).ShouldBeFalse();
        Bypasses(rig, Request(TcpFlags.Ack, 40002)).ShouldBeTrue();
    }

    [Fact]
    public void TwoConnectionsWithOneReplyDirection_TheSecondStaysWithTheDirector()
    {
        using DirectorRig rig = Rig();
        rig.Service("192.0.2.1:81", ForwardingMethod.Nat, "10.1.0.10:8080");
        rig.FromClient(Request(TcpFlags.Syn));
        rig.FromClient(PacketBuilder.Tcp("203.0.113.7:40000", "192.0.2.1:81", TcpFlags.Syn)).Verdict.ShouldBe(Verdict.Transmit);
        Status(rig).RefusedTwin.ShouldBe(1);
        Status(rig).LinesV4.ShouldBe(2);
    }

    [Fact]
    public void ADestinationWithoutACounter_IsNotOffloaded()
    {
        using DirectorRig rig = Rig(flows: new FlowTestMemory(slots: 1));
        rig.FromClient(Request(TcpFlags.Syn));
        Status(rig).LinesV4.ShouldBe(0);
        Status(rig).Unsuitable.ShouldBe(1);
    }

    [Fact]
    public void ARingWithoutRoom_SendsPacketsToTheDirector_AndNothingIsLost()
    {
        using DirectorRig rig = Rig(flows: new FlowTestMemory(ringSize: 64));
        rig.FromClient(Request(TcpFlags.Syn));
        Bypasses(rig, Reply(TcpFlags.Ack), isReply: true).ShouldBeTrue();
        Bypasses(rig, Reply(TcpFlags.Ack), isReply: true).ShouldBeTrue();
        Bypasses(rig, Reply(TcpFlags.Fin), isReply: true).ShouldBeFalse("no room; the director takes the reports in first");
        rig.Connections().ShouldHaveSingleItem().State.ShouldBe("FIN_WAIT");
        Bypasses(rig, Request(TcpFlags.Ack)).ShouldBeTrue();
    }

    [Fact]
    public void AReportOfAFormerConnection_MovesNothing()
    {
        using DirectorRig rig = Rig();
        Open(rig);
        rig.Worker.V4.Connections[1].FlowInbound.ShouldNotBe(0);
        int line = rig.Worker.V4.Connections[1].FlowInbound - 1;
        uint version = rig.Flows!.Memory.LinesV4[line].Version;
        Bypasses(rig, Request(TcpFlags.Rst)).ShouldBeTrue();
        rig.FromClient(Request(TcpFlags.Syn));
        rig.Worker.V4.Connections[1].FlowInbound.ShouldBe(line + 1, "the same line again");

        rig.Flows.Report(0, new FlowEvent { Line = (uint)line, Version = version, When = FlowTick.Of(rig.Now), Family = 4, Flags = 0x04 });
        rig.Flows.Report(0, new FlowEvent { Line = 0xFFFF_FFFF, Version = version, Family = 4, Flags = 0x04 });
        rig.Settle();

        Status(rig).StaleReports.ShouldBe(2);
        rig.Connections().ShouldHaveSingleItem().State.ShouldBe("SYN_RECV");
    }

    [Fact]
    public void AReportFromBeforeALineWasRewritten_Counts()
    {
        using DirectorRig rig = Rig();
        Open(rig);
        Bypasses(rig, Request(TcpFlags.Fin)).ShouldBeTrue();
        rig.Batch.Execute("route add 10.1.0.10/32 via 10.1.0.11 dev b0").ShouldBeTrue();
        rig.Batch.Publish(rig.Network);
        rig.Worker.V4.RefreshFlows(0, 100, isLoud: false, rig.Now);
        Status(rig).Rewrites.ShouldBeGreaterThan(0);
        rig.Settle();
        rig.Connections().ShouldHaveSingleItem().State.ShouldBe("CLOSE_WAIT");
    }

    [Fact]
    public void ALostCount_IsPutRight_AndPacketsAreQuietAgain()
    {
        using DirectorRig rig = Rig();
        Open(rig);
        ref FlowState state = ref rig.Flows!.Memory.LinesV4[rig.Worker.V4.Connections[1].FlowInbound - 1].State;
        state.Report = (state.Report + (3 * FlowAbi.OneReport)) & ~FlowAbi.QuietMask;
        for (int i = 0; i < 6; i++)
        {
            Bypasses(rig, Request(TcpFlags.Ack)).ShouldBeTrue();
            Let(rig, 1);
        }

        Status(rig).Resyncs.ShouldBe(1);
        long reports = Status(rig).Reports;
        for (int i = 0; i < 6; i++) Bypasses(rig, Request(TcpFlags.Ack)).ShouldBeTrue();
        rig.Settle();
        Status(rig).Reports.ShouldBe(reports);
    }

    [Fact]
    public void WithTcpInTheTable_TheWorkerWakesForReports()
    {
        using DirectorRig rig = Rig();
        rig.FromClient(Datagram());
        MonotonicTime next = rig.Worker.AdvanceTimers(rig.Now);
        (next - rig.Now).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(100), "UDP has no reports");
        rig.FromClient(Request(TcpFlags.Syn));
        next = rig.Worker.AdvanceTimers(rig.Now);
        (next - rig.Now).ShouldBeLessThanOrEqualTo(TimeSpan.FromMilliseconds(20));
        next.ShouldBeGreaterThan(rig.Now);
    }

    [Fact]
    public void Tick_TellsTheProgramThatTheDirectorLives()
    {
        using DirectorRig rig = Rig();
        rig.Engine.Tick(rig.Now);
        rig.Flows!.Memory.Config[0].Heartbeat.ShouldBe(FlowTick.Of(rig.Now));
    }

    [Fact]
    public void XdpHooks_UseOnlyDevicesThatTakeRedirectedFrames()
    {
        using DirectorRig rig = Rig();
        Open(rig);
        rig.Twin!.IsXdp = true;
        Bypasses(rig, Request(TcpFlags.Ack)).ShouldBeFalse();
        rig.Engine.Offload!.SetXdpInterfaces([rig.InterfaceOf("b0"), rig.InterfaceOf("f0")]);
        Bypasses(rig, Request(TcpFlags.Ack)).ShouldBeTrue();
    }

    [Fact]
    public void WithoutFlows_ThereIsNoOffload()
    {
        using var rig = new DirectorRig();
        rig.Engine.Offload.ShouldBeNull();
    }

    [Fact]
    public void ARefresh_OfManyConnections_IsDoneInParts()
    {
        using var flows = new FlowTestMemory(buckets: 4096);
        using DirectorRig rig = new DirectorRig(maxConnections: 6000, flows: flows).Service("192.0.2.1:80", ForwardingMethod.DirectRouting, "10.1.0.10:80");
        for (int port = 1024; port < 1024 + 5000; port++) rig.FromClient(Request(TcpFlags.Syn, port));
        Status(rig).LinesV4.ShouldBe(5000);
        rig.Batch.Execute("route add 10.1.0.10/32 via 10.1.0.11 dev b0").ShouldBeTrue();
        rig.Batch.Publish(rig.Network);

        int calls = 1;
        for (; rig.Worker.AdvanceTimers(rig.Now) == rig.Now; calls++) Status(rig).Rewrites.ShouldBeLessThanOrEqualTo(2048 * calls);
        calls.ShouldBeGreaterThan(2);
        Status(rig).Rewrites.ShouldBe(5000);
    }
}
