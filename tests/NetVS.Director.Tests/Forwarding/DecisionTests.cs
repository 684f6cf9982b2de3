using NetVS.Director.Forwarding;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

public sealed class DecisionTests
{
    private static PacketBuilder Segment(TcpFlags flags, int port = 40000) =>
        PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.1:80", flags);

    [Theory]
    [InlineData(TcpFlags.Ack)]
    [InlineData(TcpFlags.Rst)]
    [InlineData(TcpFlags.Syn | TcpFlags.Rst)]
    public void NoConnection_SegmentThatMayNotOpenOne_GoesToTheStack(TcpFlags flags)
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80");

        rig.FromClient(Segment(flags)).ShouldGoToStack(Segment(flags).Macs(Router, F0));
        rig.Connections().ShouldBeEmpty();
    }

    [Fact]
    public void SloppyTcp_AnySegmentOpens()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80");
        rig.Engine.Settings.TrySet("sloppy_tcp", "1", out _).ShouldBeTrue();

        rig.FromClient(Segment(TcpFlags.Ack)).Verdict.ShouldBe(Verdict.Transmit);
    }

    [Fact]
    public void SourcePort20_IsNotScheduled()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80");

        rig.FromClient(Segment(TcpFlags.Syn, 20)).Verdict.ShouldBe(Verdict.ToStack);
    }

    [Fact]
    public void PortWithoutService_GoesToTheStack()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80");

        rig.FromClient(PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:22", TcpFlags.Syn)).Verdict.ShouldBe(Verdict.ToStack);
    }

    [Theory]
    [InlineData("02:00:00:00:00:77")]
    [InlineData("ff:ff:ff:ff:ff:ff")]
    public void FrameForAnotherHost_GoesToTheStack(string destination)
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80");

        rig.Process(Segment(TcpFlags.Syn).Macs(Router, Mac(destination)), "f0").Verdict.ShouldBe(Verdict.ToStack);
        rig.Connections().ShouldBeEmpty();
    }

    [Fact]
    public void UnknownVlan_GoesToTheStack()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80");

        rig.FromClient(Segment(TcpFlags.Syn).Vlan(7)).Verdict.ShouldBe(Verdict.ToStack);
    }

    [Fact]
    public void Arp_GoesToTheStack()
    {
        using var rig = new DirectorRig();
        byte[] arp = PacketBuilder.Arp(1, Router, Ipv4Address.Of(198, 51, 100, 254), default, Ipv4Address.Of(192, 0, 2, 1));

        rig.Process(arp, rig.InterfaceOf("f0")).Verdict.ShouldBe(Verdict.ToStack);
    }

    [Fact]
    public void NoDestination_TcpToo_GetsPortUnreachableFromTheVip()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat);
        byte[] quote = Segment(TcpFlags.Syn).Ttl(64).BuildIp();

        Sent sent = rig.FromClient(Segment(TcpFlags.Syn).Ttl(64));

        sent.ShouldTransmit(PacketBuilder.IcmpError("192.0.2.1", "203.0.113.7", 3, 3, quote).Tos(0xC0).Ttl(64).Id(0).Macs(F0, Router));
        sent.Reason.ShouldBe(DropReason.NoDestination);
        rig.Drops(DropReason.NoDestination).ShouldBe(1);
    }

    [Fact]
    public void NoDestination_Ipv6_GetsPortUnreachableFromTheVip()
    {
        using DirectorRig rig = new DirectorRig().Service("[2001:db8::80]:80", ForwardingMethod.Nat);
        PacketBuilder syn = PacketBuilder.Tcp("[2001:db8:f::7]:1", "[2001:db8::80]:80", TcpFlags.Syn).Ttl(64);

        Sent sent = rig.FromClient(syn);

        sent.ShouldTransmit(PacketBuilder.IcmpError("2001:db8::80", "2001:db8:f::7", 1, 4, syn.BuildIp()).Ttl(64).Macs(F0, Router));
    }

    [Fact]
    public void DeletedDestination_DropsSilently_AndRevivesWhenAddedAgain()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80");
        rig.FromClient(Segment(TcpFlags.Syn));
        ServiceKey key = Key(IpProtocol.Tcp, "192.0.2.1:80");

        rig.Engine.DeleteDestination(key, Endpoints.Parse("10.1.0.10:80")).ShouldBe(RuleResult.Ok);
        rig.FromClient(Segment(TcpFlags.Ack)).ShouldDrop(DropReason.DestinationUnavailable);
        rig.Connections().Count.ShouldBe(1);

        rig.Engine.AddDestination(key, new DestinationRule { Real = Endpoints.Parse("10.1.0.10:80"), Method = ForwardingMethod.Nat });
        rig.FromClient(Segment(TcpFlags.Ack)).Verdict.ShouldBe(Verdict.Transmit);
    }

    [Fact]
    public void DeletedDestination_ExpireNodestConn_SynMovesAndOthersGoToTheStack()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80", "10.1.0.11:80");
        rig.Engine.Settings.TrySet("expire_nodest_conn", "1", out _).ShouldBeTrue();
        rig.FromClient(Segment(TcpFlags.Syn, 1));
        rig.FromClient(Segment(TcpFlags.Syn, 3)); // to 11
        rig.FromClient(Segment(TcpFlags.Syn, 2)); // to 10

        rig.Engine.DeleteDestination(Key(IpProtocol.Tcp, "192.0.2.1:80"), Endpoints.Parse("10.1.0.10:80"));

        rig.FromClient(Segment(TcpFlags.Syn, 1).Ttl(64)).ShouldTransmit(
            PacketBuilder.Tcp("203.0.113.7:1", "10.1.0.11:80", TcpFlags.Syn).Ttl(63).Macs(B0, RealMac(11)));
        rig.FromClient(Segment(TcpFlags.Ack, 2)).Verdict.ShouldBe(Verdict.ToStack);
        rig.Connections().Count.ShouldBe(2);
    }

    [Fact]
    public void DeletedDestination_ExpireNodestConn_SweepEndsItsConnections()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80", "10.1.0.11:80");
        rig.Engine.Settings.TrySet("expire_nodest_conn", "1", out _).ShouldBeTrue();
        for (int port = 100; port < 110; port++) rig.FromClient(Segment(TcpFlags.Syn, port));

        rig.Engine.DeleteDestination(Key(IpProtocol.Tcp, "192.0.2.1:80"), Endpoints.Parse("10.1.0.10:80"));
        while (rig.Worker.AdvanceTimers(rig.Now) <= rig.Now)
        {
        }

        rig.Connections().Count.ShouldBe(5);
        rig.Connections().ShouldAllBe(c => c.Real.Address == Ipv4Address.Of(10, 1, 0, 11));
    }

    [Fact]
    public void Sweep_OfManyConnections_IsDoneInParts()
    {
        const int Connections = 20_000;
        using DirectorRig rig = new DirectorRig(maxConnections: Connections).Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80");
        rig.Service("[2001:db8::80]:80", ForwardingMethod.Nat, "[2001:db8:b::10]:80").VerifiesFrames = false;
        rig.Engine.Settings.TrySet("expire_nodest_conn", "1", out _).ShouldBeTrue();
        for (int port = 1024; port < 1024 + Connections; port++) rig.FromClient(Segment(TcpFlags.Syn, port));
        rig.FromClient(PacketBuilder.Tcp("[2001:db8:f::7]:1", "[2001:db8::80]:80", TcpFlags.Syn));
        rig.Worker.ConnectionCount.ShouldBe(Connections + 1);

        rig.Engine.Flush();
        int turns = 1;
        for (; rig.Worker.AdvanceTimers(rig.Now) <= rig.Now; turns++) turns.ShouldBeLessThan(10);

        turns.ShouldBeGreaterThan(2);
        rig.Worker.ConnectionCount.ShouldBe(0);
    }

    [Fact]
    public void ClosingConnection_SynIsScheduledAfreshAtOnce()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80", "10.1.0.11:80");
        rig.FromClient(Segment(TcpFlags.Syn));
        rig.FromClient(Segment(TcpFlags.Ack));
        rig.FromClient(Segment(TcpFlags.Rst));
        rig.Connections()[0].State.ShouldBe("CLOSE");

        rig.FromClient(Segment(TcpFlags.Syn).Ttl(64)).ShouldTransmit(
            PacketBuilder.Tcp("203.0.113.7:40000", "10.1.0.11:80", TcpFlags.Syn).Ttl(63).Macs(B0, RealMac(11)));
        rig.Connections().Count.ShouldBe(1);
        rig.Worker.CountEvents(ForwardingEvent.ConnectionReused).ShouldBe(1);
    }

    [Fact]
    public void ClosingConnection_ReuseOff_SynStaysOnItsServer()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80", "10.1.0.11:80");
        rig.Engine.Settings.TrySet("conn_reuse_mode", "0", out _).ShouldBeTrue();
        rig.FromClient(Segment(TcpFlags.Syn));
        rig.FromClient(Segment(TcpFlags.Ack));
        rig.FromClient(Segment(TcpFlags.Rst));

        rig.FromClient(Segment(TcpFlags.Syn).Ttl(64)).ShouldTransmit(
            PacketBuilder.Tcp("203.0.113.7:40000", "10.1.0.10:80", TcpFlags.Syn).Ttl(63).Macs(B0, RealMac(10)));
    }

    // As in the kernel, which logs an error each time; ipvsadm refuses to make such a service.
    [Fact]
    public void PortZero_WithoutPersistence_SchedulesNothing()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:0", ForwardingMethod.Nat, "10.1.0.10:8080");
        rig.FromClient(Segment(TcpFlags.Syn)).Reason.ShouldBe(DropReason.NoDestination);
        rig.Connections().ShouldBeEmpty();
    }

    // Connections and templates of both families count, as in the kernel; what is there lives on.
    [Fact]
    public void ConnMax_RefusesWhatIsBeyond_UntilItIsRaised()
    {
        using DirectorRig rig = new DirectorRig()
            .Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:8080")
            .Service("192.0.2.1:81", ForwardingMethod.Nat, "10.1.0.10:8080")
            .Service("[2001:db8::80]:80", ForwardingMethod.Nat, "[2001:db8:b::10]:8080");
        rig.Engine.EditService(new VirtualServiceRule
        {
            Key = Key(IpProtocol.Tcp, "192.0.2.1:81"), Scheduler = "rr", NetmaskPrefix = 32, Flags = ServiceFlags.Persistent, PersistenceTimeout = 300,
        }).ShouldBe(RuleResult.Ok);
        rig.Engine.Settings.TrySet("conn_max", "4", out _).ShouldBeTrue();
        rig.FromClient(PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Syn)).Verdict.ShouldBe(Verdict.Transmit);
        rig.FromClient(PacketBuilder.Tcp("[2001:db8:f::7]:1", "[2001:db8::80]:80", TcpFlags.Syn)).Verdict.ShouldBe(Verdict.Transmit);
        rig.FromClient(PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:81", TcpFlags.Syn)).Verdict.ShouldBe(Verdict.Transmit, "and a template");
        rig.FromClient(PacketBuilder.Tcp("203.0.113.7:2", "192.0.2.1:80", TcpFlags.Syn)).ShouldDrop(DropReason.TableFull);
        rig.FromClient(PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", TcpFlags.Ack)).Verdict.ShouldBe(Verdict.Transmit);
        rig.Engine.Settings.TrySet("conn_max", "5", out _).ShouldBeTrue();
        rig.FromClient(PacketBuilder.Tcp("203.0.113.7:2", "192.0.2.1:80", TcpFlags.Syn)).Verdict.ShouldBe(Verdict.Transmit);
    }

    [Fact]
    public void TableFull_RefusesAndChangesNothingElse()
    {
        using DirectorRig rig = new DirectorRig(maxConnections: 2).Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80", "10.1.0.11:80");
        rig.FromClient(Segment(TcpFlags.Syn, 1));
        rig.FromClient(Segment(TcpFlags.Syn, 2));

        rig.FromClient(Segment(TcpFlags.Syn, 3)).ShouldDrop(DropReason.TableFull);

        rig.Connections().Count.ShouldBe(2);
        rig.Drops(DropReason.TableFull).ShouldBe(1);
        rig.FromClient(Segment(TcpFlags.Ack, 1)).Verdict.ShouldBe(Verdict.Transmit);
        rig.Worker.AdvanceTimers(rig.Now += TimeSpan.FromSeconds(70));
        rig.FromClient(Segment(TcpFlags.Syn, 4).Ttl(64)).ShouldTransmit(
            PacketBuilder.Tcp("203.0.113.7:4", "10.1.0.10:80", TcpFlags.Syn).Ttl(63).Macs(B0, RealMac(10)));
    }

    [Theory]
    [InlineData(0, Verdict.ToStack)]
    [InlineData(1, Verdict.Transmit)]
    public void NatRealServerWithoutConnection_IsAnsweredOnlyWhenAsked(int natIcmpSend, Verdict expected)
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.Nat, "10.1.0.10:80");
        rig.Engine.Settings.TrySet("nat_icmp_send", $"{natIcmpSend}", out _).ShouldBeTrue();

        Sent sent = rig.FromReal(PacketBuilder.Tcp("10.1.0.10:80", "203.0.113.7:5", TcpFlags.Ack));

        sent.Verdict.ShouldBe(expected);
        rig.Drops(DropReason.NoConnection).ShouldBe(natIcmpSend);
    }

    [Fact]
    public void TimeToLiveUsedUp_ClientIsTold()
    {
        using DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", ForwardingMethod.DirectRouting, "10.1.0.10:80");
        byte[] quote = Segment(TcpFlags.Syn).Ttl(1).BuildIp();

        Sent sent = rig.FromClient(Segment(TcpFlags.Syn).Ttl(1));

        sent.ShouldTransmit(PacketBuilder.IcmpError("192.0.2.1", "203.0.113.7", 11, 0, quote).Tos(0xC0).Ttl(64).Id(0).Macs(F0, Router));
        sent.Reason.ShouldBe(DropReason.TtlExpired);
    }
}
