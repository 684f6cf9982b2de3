using NetVS.Director.Forwarding;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Packets;

namespace NetVS.Director.Tests.Forwarding;

/// <summary>Reference §4.5: what the defences against overload do to connections. The rig's random numbers are 0: every look is at the first entry.</summary>
public sealed class DefenceTests
{
    private const string Vip = "192.0.2.1:80";

    [Fact]
    public void DropPacket_DropsOneInSoManyNewConnections_AndNoOtherPacket()
    {
        using DirectorRig rig = new DirectorRig().Service(Vip, ForwardingMethod.Nat, "10.1.0.10:8080");
        Open(rig, 30000);
        Set(rig, "drop_packet", "3");
        Set(rig, "am_droprate", "3");
        rig.Engine.Tick(rig.Now);
        Verdict[] verdicts = [.. Enumerable.Range(0, 7).Select(i => Open(rig, 40000 + i))];
        verdicts.ShouldBe([Verdict.Drop, Verdict.Transmit, Verdict.Transmit, Verdict.Drop, Verdict.Transmit, Verdict.Transmit, Verdict.Drop]);
        rig.Drops(DropReason.DropPacket).ShouldBe(3);
        for (int i = 0; i < 5; i++) Segment(rig, 30000, TcpFlags.Ack).ShouldBe(Verdict.Transmit);
        rig.Drops(DropReason.DropPacket).ShouldBe(3);
    }

    [Fact]
    public void DropEntry_EndsHalfOpenConnections()
    {
        using DirectorRig rig = new DirectorRig().Service(Vip, ForwardingMethod.Nat, "10.1.0.10:8080");
        Open(rig, 40000);
        Thin(rig);
        rig.Worker.ConnectionCount.ShouldBe(1, "the defence is off");
        Set(rig, "drop_entry", "3");
        Thin(rig);
        rig.Worker.ConnectionCount.ShouldBe(0);
        rig.Worker.CountEvents(ForwardingEvent.ConnectionGivenUp).ShouldBe(1);
        rig.Engine.ListServices()[0].Destinations[0].ActiveConnections.ShouldBe(0);
    }

    [Theory]
    [InlineData(2, 61, true)]
    [InlineData(2, 58, false)]
    [InlineData(8, 61, true)]
    [InlineData(9, 61, false)]
    public void DropEntry_EndsEstablishedConnections_OnlyIdleOnesOfFewPackets(int packets, int idleSeconds, bool ends)
    {
        using DirectorRig rig = new DirectorRig().Service(Vip, ForwardingMethod.Nat, "10.1.0.10:8080");
        Open(rig, 40000);
        rig.FromReal(PacketBuilder.Tcp("10.1.0.10:8080", "203.0.113.7:40000", TcpFlags.Syn | TcpFlags.Ack));
        for (int i = 1; i < packets; i++) Segment(rig, 40000, TcpFlags.Ack);
        rig.Now = rig.Now.Add(TimeSpan.FromSeconds(idleSeconds));
        Set(rig, "drop_entry", "3");
        Thin(rig);
        rig.Worker.ConnectionCount.ShouldBe(ends ? 0 : 1);
    }

    [Fact]
    public void DropEntry_KeepsClosingConnections()
    {
        using DirectorRig rig = new DirectorRig().Service(Vip, ForwardingMethod.Nat, "10.1.0.10:8080");
        Open(rig, 40000);
        rig.FromReal(PacketBuilder.Tcp("10.1.0.10:8080", "203.0.113.7:40000", TcpFlags.Syn | TcpFlags.Ack));
        Segment(rig, 40000, TcpFlags.Ack);
        Segment(rig, 40000, TcpFlags.Fin | TcpFlags.Ack);
        rig.Now = rig.Now.Add(TimeSpan.FromSeconds(50));
        Set(rig, "drop_entry", "3");
        Thin(rig);
        rig.Connections().ShouldHaveSingleItem().State.ShouldBe("CLOSE_WAIT");
    }

    [Fact]
    public void DropEntry_EndsTemplatesThatNothingAssured_AndNoOthers()
    {
        using DirectorRig rig = new DirectorRig().Service(Vip, ForwardingMethod.Nat, "10.1.0.10:8080");
        VirtualServiceRule rule = rig.Engine.ListServices()[0].Rule;
        rig.Engine.EditService(rule with { Flags = rule.Flags | ServiceFlags.Persistent, PersistenceTimeout = 300 }).ShouldBe(RuleResult.Ok);
        Set(rig, "drop_entry", "3");
        Open(rig, 40000);
        rig.Engine.TemplatesV4.Count.ShouldBe(1);

        // The connection that is given up takes its template along.
        Thin(rig);
        (rig.Worker.ConnectionCount, rig.Engine.TemplatesV4.Count).ShouldBe((0, 0));

        Open(rig, 40001);
        rig.FromReal(PacketBuilder.Tcp("10.1.0.10:8080", "203.0.113.7:40001", TcpFlags.Syn | TcpFlags.Ack));
        Segment(rig, 40001, TcpFlags.Ack);
        Segment(rig, 40001, TcpFlags.Rst);
        rig.Now = rig.Now.Add(TimeSpan.FromSeconds(20));
        Thin(rig);
        Thin(rig);
        (rig.Worker.ConnectionCount, rig.Engine.TemplatesV4.Count).ShouldBe((0, 1), "its connection was established, and has expired");
    }

    private static Verdict Open(DirectorRig rig, int port) => Segment(rig, port, TcpFlags.Syn);

    private static Verdict Segment(DirectorRig rig, int port, TcpFlags flags) =>
        rig.FromClient(PacketBuilder.Tcp($"203.0.113.7:{port}", Vip, flags)).Verdict;

    private static void Set(DirectorRig rig, string name, string value) => rig.Engine.Settings.TrySet(name, value, out _).ShouldBeTrue();

    /// <summary>Lets a second pass.</summary>
    private static void Thin(DirectorRig rig)
    {
        rig.Now = rig.Now.Add(TimeSpan.FromSeconds(1));
        rig.Engine.Tick(rig.Now);
        while (rig.Worker.AdvanceTimers(rig.Now) == rig.Now) { }
    }
}
