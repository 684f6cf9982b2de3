using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;
using NetVS.Testing.Packets;
using static NetVS.Director.Tests.Forwarding.DirectorRig;

namespace NetVS.Director.Tests.Forwarding;

/// <summary>Real servers that an operator drains, or gives another weight than their rules say.</summary>
public sealed class DrainTests
{
    private const string First = "10.1.0.10:80", Second = "10.1.0.11:80";

    private static DirectorRig Rig(IpProtocol protocol) => new DirectorRig().Service(protocol, "192.0.2.1:80", ForwardingMethod.Nat, First, Second);

    private static byte[] Open(IpProtocol protocol, int port) => (protocol == IpProtocol.Udp
        ? PacketBuilder.Udp($"203.0.113.7:{port}", "192.0.2.1:80")
        : PacketBuilder.Tcp($"203.0.113.7:{port}", "192.0.2.1:80", TcpFlags.Syn)).Macs(Router, F0).Build();

    private static string RealOf(DirectorRig rig, IpProtocol protocol, int port) =>
        string.Join('.', rig.ProcessOn(0, Open(protocol, port), rig.InterfaceOf("f0")).Frame[30..34]) + ":80";

    private static DestinationView View(DirectorRig rig, IpProtocol protocol, string real = First) =>
        rig.Engine.FindService(Key(protocol, "192.0.2.1:80"))!.Destinations.Single(d => d.Rule.Real.ToString() == real);

    private static long Connections(DirectorRig rig, IpProtocol protocol, string real = First) =>
        View(rig, protocol, real).ActiveConnections + View(rig, protocol, real).InactiveConnections;

    private static void Drain(DirectorRig rig, IpProtocol protocol, bool releases = false, double? deadline = null)
    {
        rig.Engine.Tick(rig.Now);
        TimeSpan? left = deadline is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        rig.Engine.Drain(Key(protocol, "192.0.2.1:80"), Endpoints.Parse(First), releases, left).ShouldBe(RuleResult.Ok);
        Sweep(rig);
    }

    private static void Sweep(DirectorRig rig)
    {
        for (int i = 0; i < 1000 && rig.Worker.AdvanceTimers(rig.Now) <= rig.Now; i++) { }
    }

    private static void Pass(DirectorRig rig, double seconds)
    {
        rig.Now += TimeSpan.FromSeconds(seconds);
        rig.Engine.Tick(rig.Now);
        Sweep(rig);
    }

    [Fact]
    public void Drain_OfTcp_LeavesConnections_AndTakesNoNewOnes()
    {
        using DirectorRig rig = Rig(IpProtocol.Tcp);
        var reals = Enumerable.Range(1000, 4).ToDictionary(port => port, port => RealOf(rig, IpProtocol.Tcp, port));
        Drain(rig, IpProtocol.Tcp);
        foreach ((int port, string real) in reals) RealOf(rig, IpProtocol.Tcp, port).ShouldBe(real);
        for (int port = 2000; port < 2010; port++) RealOf(rig, IpProtocol.Tcp, port).ShouldBe(Second);
        Connections(rig, IpProtocol.Tcp).ShouldBe(reals.Values.Count(r => r == First));
        View(rig, IpProtocol.Tcp).Rule.Weight.ShouldBe(0);
        View(rig, IpProtocol.Tcp).ConfiguredWeight.ShouldBe(1);
    }

    [Fact]
    public void Drain_OfUdp_MovesConnectionsAtOnce()
    {
        using DirectorRig rig = Rig(IpProtocol.Udp);
        int[] ports = [.. Enumerable.Range(1000, 6).Where(port => RealOf(rig, IpProtocol.Udp, port) == First)];
        ports.ShouldNotBeEmpty();
        Drain(rig, IpProtocol.Udp);
        Connections(rig, IpProtocol.Udp).ShouldBe(0);
        foreach (int port in ports) RealOf(rig, IpProtocol.Udp, port).ShouldBe(Second);
    }

    [Fact]
    public void Deadline_EndsWhatIsLeft_NotBefore()
    {
        using DirectorRig rig = Rig(IpProtocol.Tcp);
        for (int port = 1000; port < 1004; port++) RealOf(rig, IpProtocol.Tcp, port);
        Drain(rig, IpProtocol.Tcp, deadline: 30);
        View(rig, IpProtocol.Tcp).Override!.TimeLeft.ShouldBe(TimeSpan.FromSeconds(30));
        Pass(rig, 29.9);
        Connections(rig, IpProtocol.Tcp).ShouldBe(2);
        View(rig, IpProtocol.Tcp).Override!.Override.IsOver.ShouldBeFalse();
        Pass(rig, 0.2);
        Connections(rig, IpProtocol.Tcp).ShouldBe(0);
        View(rig, IpProtocol.Tcp).Override!.Override.IsOver.ShouldBeTrue();
        Connections(rig, IpProtocol.Tcp, Second).ShouldBe(2, "others are not concerned");
    }

    [Theory]
    [InlineData(false, First)]
    [InlineData(true, Second)]
    public void Persistence_IsKept_OrReleased_ByChoice(bool releases, string expected)
    {
        using DirectorRig rig = Rig(IpProtocol.Tcp);
        MakePersistent(rig);
        string kept = RealOf(rig, IpProtocol.Tcp, 1000);
        kept.ShouldBe(First, "the round begins with the first");
        Drain(rig, IpProtocol.Tcp, releases, deadline: 30);
        RealOf(rig, IpProtocol.Tcp, 1001).ShouldBe(expected);
        Pass(rig, 31);
        RealOf(rig, IpProtocol.Tcp, 1002).ShouldBe(Second, "the deadline ends persistence too");
    }

    [Fact]
    public void RemoveOverride_LetsTheRuleBeInForceAgain()
    {
        using DirectorRig rig = Rig(IpProtocol.Tcp);
        Drain(rig, IpProtocol.Tcp);
        ServiceKey key = Key(IpProtocol.Tcp, "192.0.2.1:80");
        rig.Engine.RemoveOverride(key, Endpoints.Parse(First)).ShouldBe(RuleResult.Ok);
        rig.Engine.RemoveOverride(key, Endpoints.Parse(First)).Status.ShouldBe(RuleStatus.ENOENT);
        View(rig, IpProtocol.Tcp).Rule.Weight.ShouldBe(1);
        Enumerable.Range(1000, 4).Select(port => RealOf(rig, IpProtocol.Tcp, port)).ShouldContain(First);
    }

    [Fact]
    public void Override_OutlivesEdits_AndDeletion()
    {
        using DirectorRig rig = Rig(IpProtocol.Tcp);
        ServiceKey key = Key(IpProtocol.Tcp, "192.0.2.1:80");
        rig.Engine.OverrideWeight(key, Endpoints.Parse(First), 7).ShouldBe(RuleResult.Ok);
        DestinationRule rule = new() { Real = Endpoints.Parse(First), Method = ForwardingMethod.Nat, Weight = 3 };
        rig.Engine.EditDestination(key, rule).ShouldBe(RuleResult.Ok);
        (View(rig, IpProtocol.Tcp).Rule.Weight, View(rig, IpProtocol.Tcp).ConfiguredWeight).ShouldBe((7, 3));
        rig.Engine.DeleteDestination(key, rule.Real).ShouldBe(RuleResult.Ok);
        rig.Engine.AddDestination(key, rule).ShouldBe(RuleResult.Ok);
        (View(rig, IpProtocol.Tcp).Rule.Weight, View(rig, IpProtocol.Tcp).ConfiguredWeight).ShouldBe((7, 3), "it came back from the trash");
        rig.Engine.DeleteService(key).ShouldBe(RuleResult.Ok);
        for (int i = 0; i < 5; i++) Pass(rig, 60);
        rig.Service("192.0.2.1:80", ForwardingMethod.Nat, First);
        (View(rig, IpProtocol.Tcp).Rule.Weight, View(rig, IpProtocol.Tcp).ConfiguredWeight).ShouldBe((7, 1), "it is another one");
        rig.Engine.RemoveOverrides(key);
        View(rig, IpProtocol.Tcp).Rule.Weight.ShouldBe(1);
        rig.Engine.ListOverrides().ShouldBeEmpty();
    }

    [Fact]
    public void Override_OfWhatIsNotThere_IsRefused()
    {
        using DirectorRig rig = Rig(IpProtocol.Tcp);
        rig.Engine.OverrideWeight(Key(IpProtocol.Udp, "192.0.2.1:80"), Endpoints.Parse(First), 7).Status.ShouldBe(RuleStatus.ESRCH);
        rig.Engine.OverrideWeight(Key(IpProtocol.Tcp, "192.0.2.1:80"), Endpoints.Parse("10.1.0.12:80"), 7).Status.ShouldBe(RuleStatus.ENOENT);
        rig.Engine.OverrideWeight(Key(IpProtocol.Tcp, "192.0.2.1:80"), Endpoints.Parse(First), -1).Status.ShouldBe(RuleStatus.ERANGE);
        rig.Engine.ListOverrides().ShouldBeEmpty();
    }

    [Fact]
    public void Drain_EndsFlowsOfTheFastPath()
    {
        using var flows = new Testing.Flows.FlowTestMemory(workers: 1);
        using DirectorRig rig = new DirectorRig(flows: flows).Service(IpProtocol.Udp, "192.0.2.1:80", ForwardingMethod.Nat, First);
        for (int i = 0; i < 5; i++) rig.FromClient(PacketBuilder.Udp("203.0.113.7:1000", "192.0.2.1:80"));
        rig.Engine.Offload!.Status.LinesV4.ShouldBeGreaterThan(0);
        Drain(rig, IpProtocol.Udp);
        rig.Engine.Offload!.Status.LinesV4.ShouldBe(0);
        Connections(rig, IpProtocol.Udp).ShouldBe(0);
    }

    private static void MakePersistent(DirectorRig rig) => rig.Engine.EditService(new VirtualServiceRule
    {
        Key = Key(IpProtocol.Tcp, "192.0.2.1:80"), Scheduler = "rr", NetmaskPrefix = 32, Flags = ServiceFlags.Persistent, PersistenceTimeout = 300,
    }).ShouldBe(RuleResult.Ok);
}
