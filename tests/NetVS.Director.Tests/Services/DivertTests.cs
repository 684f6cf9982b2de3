using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Tests.Services;

/// <summary>What the links are told, and when.</summary>
public sealed class DivertTests
{
    private static readonly DivertEndpoint s_web = new(IpProtocol.Tcp, IpAddress.Parse("192.0.2.10"), 80);
    private static readonly DivertEndpoint s_real = new(IpProtocol.Tcp, IpAddress.Parse("10.0.0.1"), 8080);
    private static readonly DivertEndpoint s_tunnel = new(IpProtocol.IpInIp, s_real.Address, 0);

    [Fact]
    public void Additions_AreAnnouncedBeforeWorkersSeeThem()
    {
        var test = new EngineUnderTest(withSink: true);
        test.Sink!.OnApply = rules =>
        {
            foreach (DivertEndpoint endpoint in rules.Virtuals.Where(v => !test.Sink.Applied.SkipLast(1).Any(r => r.Virtuals.Contains(v))))
                test.Engine.Table.TryFind(endpoint.Protocol, endpoint.Address, endpoint.Port, 0, out _).ShouldBeFalse();
            foreach (DivertEndpoint endpoint in rules.Reals.Where(v => !test.Sink.Applied.SkipLast(1).Any(r => r.Reals.Contains(v))))
                test.Engine.Table.IsReal(endpoint.Protocol, endpoint.Address, endpoint.Port).ShouldBeFalse();
        };
        test.WithWeb(EngineUnderTest.Real());
        test.Engine.AddLocalAddress(EngineUnderTest.Web, IpAddress.Parse("10.0.0.200"));
        test.Sink.Last.Virtuals.ToArray().ShouldBe([s_web]);
        test.Sink.Last.Reals.ToArray().ShouldBe([s_real]);
        test.Sink.Last.LocalAddresses.ToArray().ShouldBe([IpAddress.Parse("10.0.0.200")]);
        test.Sink.Applied.Count.ShouldBe(3, "one call for each command that changed the set");
    }

    [Fact]
    public void DirectRoutingDestination_ChangesNothing()
    {
        var test = new EngineUnderTest(withSink: true).WithWeb(EngineUnderTest.Real(method: ForwardingMethod.DirectRouting));
        test.Sink!.Applied.Count.ShouldBe(1);
    }

    [Fact]
    public void DeletedWithoutConnections_GoneAfterTheTicksGrace()
    {
        var test = new EngineUnderTest(withSink: true).WithWeb(EngineUnderTest.Real());
        test.Engine.DeleteDestination(EngineUnderTest.Web, new IpEndpoint(s_real.Address, 8080));
        test.Sink!.Last.Reals.ToArray().ShouldBe([s_real], "a worker may be choosing it just now");
        test.Engine.Table.IsReal(IpProtocol.Tcp, s_real.Address, 8080).ShouldBeTrue();
        test.Run(0.3);
        test.Sink.Last.Reals.ShouldBeEmpty();
        test.Engine.Table.IsReal(IpProtocol.Tcp, s_real.Address, 8080).ShouldBeFalse();
    }

    [Fact]
    public void DeletedServiceWithConnections_StaysUntilTheLastIsGone()
    {
        var test = new EngineUnderTest(withSink: true).WithWeb(EngineUnderTest.Real());
        Destination destination = test.Find();
        destination.Bind(isTemplate: false);
        test.Engine.DeleteService(EngineUnderTest.Web);
        test.Run(10);
        test.Sink!.Last.Virtuals.ToArray().ShouldBe([s_web]);
        test.Sink.Last.Reals.ToArray().ShouldBe([s_real]);
        test.Engine.Table.IsVirtualAddress(s_web.Address).ShouldBeTrue();
        test.Engine.Table.TryFind(IpProtocol.Tcp, s_web.Address, 80, 0, out _).ShouldBeFalse();
        destination.Unbind(isTemplate: false, wasActive: false);
        test.Tick();
        test.Sink.Last.Virtuals.ShouldBeEmpty();
        test.Sink.Last.Reals.ShouldBeEmpty();
    }

    [Fact]
    public void MethodEditedAway_RealStaysUntilItsConnectionsAreGone()
    {
        var test = new EngineUnderTest(withSink: true).WithWeb(EngineUnderTest.Real());
        Destination destination = test.Find();
        destination.Bind(isTemplate: false);
        test.Engine.EditDestination(EngineUnderTest.Web, EngineUnderTest.Real(method: ForwardingMethod.Tunnel)).ShouldBe(RuleResult.Ok);
        test.Run(1);
        test.Sink!.Last.Reals.ToArray().ShouldBe([s_real]);
        test.Sink.Last.TunnelReals.ToArray().ShouldBe([s_tunnel]);
        destination.Unbind(isTemplate: false, wasActive: false);
        test.Tick();
        test.Sink.Last.Reals.ShouldBeEmpty();
        test.Sink.Last.TunnelReals.ToArray().ShouldBe([s_tunnel]);
    }

    [Fact]
    public void LocalAddressDeleted_StaysWhileAPortIsInUse()
    {
        var test = new EngineUnderTest(withSink: true).WithWeb();
        IpAddress local = IpAddress.Parse("10.0.0.200");
        test.Engine.AddLocalAddress(EngineUnderTest.Web, local);
        test.Engine.LocalAddresses.TryFind(local, out LocalAddressUsage? usage).ShouldBeTrue();
        usage!.Take();
        test.Engine.DeleteLocalAddress(EngineUnderTest.Web, local);
        test.Run(5);
        test.Sink!.Last.LocalAddresses.ToArray().ShouldBe([local]);
        test.Engine.Table.IsLocalAddress(local).ShouldBeTrue();
        usage.Release();
        test.Run(0.5);
        test.Sink.Last.LocalAddresses.ShouldBeEmpty();
        test.Engine.LocalAddresses.TryFind(local, out _).ShouldBeFalse();
    }

    [Fact]
    public void LocalAddressOfTwoServices_StaysWithTheOther()
    {
        var test = new EngineUnderTest(withSink: true).WithWeb();
        VirtualServiceRule other = EngineUnderTest.Service("192.0.2.11");
        IpAddress local = IpAddress.Parse("10.0.0.200");
        test.Engine.AddService(other);
        test.Engine.AddLocalAddress(EngineUnderTest.Web, local);
        test.Engine.AddLocalAddress(other.Key, local);
        test.Engine.DeleteLocalAddress(EngineUnderTest.Web, local);
        test.Run(5);
        test.Sink!.Last.LocalAddresses.ToArray().ShouldBe([local]);
        test.Engine.DeleteService(other.Key);
        test.Run(1);
        test.Sink.Last.LocalAddresses.ShouldBeEmpty();
    }

    [Fact]
    public void RefusedAddition_ChangesNothing()
    {
        var test = new EngineUnderTest(withSink: true).WithWeb();
        test.Sink!.Refuses = true;
        RuleResult result = test.Engine.AddService(EngineUnderTest.Service("192.0.2.11"));
        result.Status.ShouldBe(RuleStatus.ENOMEM);
        result.Detail.ShouldBe("the map of virtual endpoints is full");
        test.Engine.AddDestination(EngineUnderTest.Web, EngineUnderTest.Real()).Status.ShouldBe(RuleStatus.ENOMEM);
        test.Engine.AddLocalAddress(EngineUnderTest.Web, IpAddress.Parse("10.0.0.200")).Status.ShouldBe(RuleStatus.ENOMEM);
        test.Engine.ListServices().Count.ShouldBe(1);
        test.Engine.FindService(EngineUnderTest.Web)!.Destinations.ShouldBeEmpty();
        test.Engine.FindService(EngineUnderTest.Web)!.LocalAddresses.ShouldBeEmpty();
        test.Sink.Refuses = false;
        test.Engine.AddDestination(EngineUnderTest.Web, EngineUnderTest.Real()).ShouldBe(RuleResult.Ok);
    }

    [Fact]
    public void RefusedRemoval_DeletesAllTheSameAndTriesAgain()
    {
        var test = new EngineUnderTest(withSink: true).WithWeb(EngineUnderTest.Real());
        test.Sink!.Refuses = true;
        test.Engine.DeleteService(EngineUnderTest.Web).ShouldBe(RuleResult.Ok);
        test.Run(1);
        test.Engine.Table.IsVirtualAddress(s_web.Address).ShouldBeFalse();
        test.Sink.Last.Virtuals.ToArray().ShouldBe([s_web]);

        // As many endpoints as the sink has, but another: it must be told all the same.
        test.Sink.Refuses = false;
        test.Engine.AddService(EngineUnderTest.Service("192.0.2.11")).ShouldBe(RuleResult.Ok);
        test.Sink.Last.Virtuals.Single().Address.ToString().ShouldBe("192.0.2.11");
        test.Sink.Last.Reals.ShouldBeEmpty();

        test.Sink.Refuses = true;
        test.Engine.DeleteService(EngineUnderTest.Service("192.0.2.11").Key);
        test.Sink.Refuses = false;
        test.Tick();
        test.Sink.Last.Virtuals.ShouldBeEmpty();
    }

    [Fact]
    public void SetsAlreadyTold_AreNeverChangedAfterwards()
    {
        var test = new EngineUnderTest(withSink: true).WithWeb();
        DivertRules first = test.Sink!.Last;
        test.Engine.AddDestination(EngineUnderTest.Web, EngineUnderTest.Real());
        test.Engine.AddService(EngineUnderTest.Service("192.0.2.11"));
        first.Virtuals.ToArray().ShouldBe([s_web]);
        first.Reals.ShouldBeEmpty();
    }
}
