using NetVS.Director.Forwarding;
using NetVS.Director.Services;
using NetVS.Director.Statistics;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

/// <summary>Reference §15 and §5.3: what is counted, and where.</summary>
public sealed class CountingTests
{
    private static readonly ServiceKey s_key = Key(IpProtocol.Tcp, "192.0.2.1:80");

    private static PacketBuilder In(TcpFlags flags, int payload = 0) =>
        PacketBuilder.Tcp("203.0.113.7:1", "192.0.2.1:80", flags).Payload(payload).PadEthernet();

    private static PacketBuilder Out(TcpFlags flags, int payload = 0) => PacketBuilder.Tcp("10.1.0.10:80", "203.0.113.7:1", flags).Payload(payload);

    private static ServiceView Read(DirectorRig rig)
    {
        rig.Engine.Tick(rig.Now += TimeSpan.FromSeconds(2));
        return rig.Engine.FindService(s_key)!;
    }

    private static DirectorRig Rig(ForwardingMethod method = ForwardingMethod.Nat)
    {
        DirectorRig rig = new DirectorRig().Service("192.0.2.1:80", method, "10.1.0.10:80");
        rig.Engine.Tick(rig.Now);
        return rig;
    }

    [Fact]
    public void PacketsAndOctets_AreTheIpPacketsAsReceived()
    {
        using DirectorRig rig = Rig();
        rig.FromClient(In(TcpFlags.Syn));
        rig.FromReal(Out(TcpFlags.Syn));
        rig.FromClient(In(TcpFlags.Ack, 100));
        rig.FromReal(Out(TcpFlags.Ack, 1000));
        rig.FromReal(Out(TcpFlags.Ack, 1000));

        StatisticsView service = Read(rig).Statistics;

        service.Connections.ShouldBe(1ul);
        service.InboundPackets.ShouldBe(2ul);
        service.InboundBytes.ShouldBe(40ul + 140);
        service.OutboundPackets.ShouldBe(3ul);
        service.OutboundBytes.ShouldBe(40ul + 1040 + 1040);
        rig.Engine.Totals.ShouldBe(service);
        rig.Engine.FindService(s_key)!.Destinations[0].Statistics.ShouldBe(service);
    }

    [Fact]
    public void TunnelledPacket_CountsWithoutItsOuterHeader()
    {
        using DirectorRig rig = Rig(ForwardingMethod.Tunnel);
        rig.FromClient(In(TcpFlags.Syn));

        Read(rig).Statistics.InboundBytes.ShouldBe(40ul);
    }

    [Fact]
    public void ActiveAndInactive_FollowTheStates()
    {
        using DirectorRig rig = Rig();
        (long, long) Counts()
        {
            DestinationView destination = rig.Engine.FindService(s_key)!.Destinations[0];
            return (destination.ActiveConnections, destination.InactiveConnections);
        }

        rig.FromClient(In(TcpFlags.Syn));
        Counts().ShouldBe((1, 0));
        rig.FromReal(Out(TcpFlags.Syn | TcpFlags.Ack));
        rig.FromClient(In(TcpFlags.Ack));
        Counts().ShouldBe((1, 0));
        rig.FromClient(In(TcpFlags.Fin | TcpFlags.Ack));
        Counts().ShouldBe((0, 1));
        rig.FromReal(Out(TcpFlags.Fin | TcpFlags.Ack));
        rig.Connections()[0].State.ShouldBe("TIME_WAIT");
        rig.Worker.AdvanceTimers(rig.Now += TimeSpan.FromSeconds(119));
        Counts().ShouldBe((0, 1));
        rig.Worker.AdvanceTimers(rig.Now += TimeSpan.FromSeconds(2));
        Counts().ShouldBe((0, 0));
        rig.Worker.ConnectionCount.ShouldBe(0);
    }

    [Fact]
    public void DirectRouting_RepliesThatPassTheDirector_AreCountedAndGoOn()
    {
        using DirectorRig rig = Rig(ForwardingMethod.DirectRouting);
        rig.FromClient(In(TcpFlags.Syn));
        rig.FromClient(In(TcpFlags.Ack));
        rig.FromClient(In(TcpFlags.Fin));
        rig.Connections()[0].State.ShouldBe("FIN_WAIT");

        rig.FromReal(PacketBuilder.Tcp("192.0.2.1:80", "203.0.113.7:1", TcpFlags.Fin)).Verdict.ShouldBe(Verdict.ToStack);

        Read(rig).Statistics.OutboundPackets.ShouldBe(1ul);

        // The reply showed that both ways are seen: the client's next packet moves by the full table.
        rig.FromClient(In(TcpFlags.Fin));
        rig.Connections()[0].State.ShouldBe("TIME_WAIT");
    }

    [Fact]
    public void DroppedPacketOfAConnection_IsCountedAllTheSame()
    {
        using DirectorRig rig = Rig();
        rig.FromClient(In(TcpFlags.Syn).Ttl(1));

        Read(rig).Statistics.InboundPackets.ShouldBe(1ul);
    }

    [Fact]
    public void Timeouts_ActAtTheNextPacket()
    {
        using DirectorRig rig = Rig();
        rig.FromClient(In(TcpFlags.Syn));
        rig.FromClient(In(TcpFlags.Ack));
        rig.Engine.SetTimeouts(new DirectorTimeouts(10, 0, 0)).ShouldBe(RuleResult.Ok);
        rig.Connections()[0].ExpiresIn.TotalSeconds.ShouldBe(900, 1);

        rig.FromClient(In(TcpFlags.Ack));

        rig.Connections()[0].ExpiresIn.TotalSeconds.ShouldBe(10, 0.2);
    }
}
