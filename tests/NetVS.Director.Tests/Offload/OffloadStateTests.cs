using NetVS.Director.Connections;
using NetVS.Director.Forwarding;
using NetVS.Director.Offload;
using NetVS.Director.Tests.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Flows;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;
using static NetVS.Director.Tests.Offload.OffloadScene;

namespace NetVS.Director.Tests.Offload;

/// <summary>States, timers and counters stay true while the fast path has the packets.</summary>
public sealed class OffloadStateTests
{
    [Fact]
    public void AnEvent_MovesTheState_AndTheTimeout()
    {
        using DirectorRig rig = Rig();
        Open(rig);
        rig.Connections().ShouldHaveSingleItem().State.ShouldBe("ESTABLISHED");
        rig.Engine.ListServices().Single(s => s.Rule.Key == Service).Destinations[0].ActiveConnections.ShouldBe(1);

        Bypasses(rig, Reply(TcpFlags.Fin | TcpFlags.Ack), isReply: true).ShouldBeTrue();
        ConnectionView view = rig.Connections().ShouldHaveSingleItem();
        view.State.ShouldBe("FIN_WAIT");
        view.ExpiresIn.TotalSeconds.ShouldBe(120, 0.3);
        rig.Engine.ListServices().Single(s => s.Rule.Key == Service).Destinations[0].ActiveConnections.ShouldBe(0);

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
        ServiceKey key = isUdp ? Key(IpProtocol.Udp, "192.0.2.1:53") : Service;
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
        var view = rig.Engine.ListServices().Single(s => s.Rule.Key == Service).Destinations[0].Statistics;
        view.ShouldBe(rig.Engine.Totals);
        (view.Connections, view.InboundPackets, view.OutboundPackets).ShouldBe((1ul, 5ul, 1ul));
        (view.InboundBytes, view.OutboundBytes).ShouldBe((40ul + 40 + (3 * 100), 40ul));
        rig.Connections();
        rig.Worker.V4.Connections[1].InPackets.ShouldBe(5u);
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
}
