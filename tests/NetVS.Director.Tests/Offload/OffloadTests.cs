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

/// <summary>What is installed and when, where its packets go, and when it is taken out again.</summary>
public sealed class OffloadTests
{
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
    public void ADeletedDestination_IsForwardedToNoMore_AndComesBack()
    {
        using DirectorRig rig = Rig();
        Open(rig);
        rig.Engine.DeleteDestination(Service, Real).ShouldBe(RuleResult.Ok);
        rig.FromClient(Request(TcpFlags.Ack)).Reason.ShouldBe(DropReason.DestinationUnavailable);
        Bypasses(rig, Reply(TcpFlags.Ack), isReply: true).ShouldBeFalse("a reply is passed on by the director, uncounted");

        rig.Engine.AddDestination(Service, new DestinationRule { Real = Real, Method = ForwardingMethod.Nat }).ShouldBe(RuleResult.Ok);
        Bypasses(rig, Request(TcpFlags.Ack)).ShouldBeTrue();
        Let(rig, 4);
        rig.Engine.ListServices().Single(s => s.Rule.Key == Service).Destinations[0].Statistics.InboundPackets.ShouldBe(3ul);
    }

    [Fact]
    public void ADeletedService_IsForwardedNoMore_AndAnIndexUsedAgainBeginsAtZero()
    {
        using DirectorRig rig = Rig();
        Open(rig);
        Let(rig, 3);
        int index = rig.Worker.V4.Connections[1].DestinationIndex;
        rig.Engine.DeleteService(Service);
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
        rig.Engine.EditDestination(Service, new DestinationRule
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
