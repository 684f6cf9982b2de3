using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Tests.Services;

/// <summary>Adding, editing and deleting services: reference §2.2.</summary>
public sealed class ServiceRuleTests
{
    [Fact]
    public void Add_ThenTheSameAgain_Exists()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb();
        test.Engine.AddService(EngineUnderTest.Service(scheduler: "wlc")).Status.ShouldBe(RuleStatus.EEXIST);
        test.Engine.FindService(EngineUnderTest.Web)!.Rule.Scheduler.ShouldBe("rr");
    }

    [Fact]
    public void Add_ExistsComesBeforeUnknownScheduler()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb();
        test.Engine.AddService(EngineUnderTest.Service(scheduler: "nosuch")).Status.ShouldBe(RuleStatus.EEXIST);
    }

    [Fact]
    public void Add_UnknownSchedulerOrPersistenceEngine_NotFound()
    {
        var test = new EngineUnderTest();
        RuleResult result = test.Engine.AddService(EngineUnderTest.Service(scheduler: "nosuch") with { PersistenceEngine = "nope" });
        result.Status.ShouldBe(RuleStatus.ENOENT);
        result.Detail!.ShouldContain("'nosuch'");
        result = test.Engine.AddService(EngineUnderTest.Service() with { PersistenceEngine = "nope" });
        result.Status.ShouldBe(RuleStatus.ENOENT);
        result.Detail!.ShouldContain("'nope'");
        test.Engine.ListServices().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0u, RuleStatus.EINVAL)]
    [InlineData(1u, RuleStatus.EOPNOTSUPP)]
    [InlineData(128u, RuleStatus.Ok)]
    [InlineData(129u, RuleStatus.EINVAL)]
    public void Add_Ipv6Prefix_From1To128(uint prefix, RuleStatus status) =>
        new EngineUnderTest().Engine.AddService(EngineUnderTest.Service("2001:db8::10") with { NetmaskPrefix = prefix }).Status.ShouldBe(status);

    [Fact]
    public void Add_NoFamily_Refused() =>
        new EngineUnderTest().Engine.AddService(new VirtualServiceRule { Key = ServiceKey.Of(IpProtocol.Tcp, default, 80) })
            .Status.ShouldBe(RuleStatus.EAFNOSUPPORT);

    [Fact]
    public void Add_OtherProtocol_Refused() =>
        new EngineUnderTest().Engine.AddService(EngineUnderTest.Service(protocol: IpProtocol.Esp)).Status.ShouldBe(RuleStatus.EINVAL);

    [Fact]
    public void Add_SchedulerNone_EveryConnectionIsRefused()
    {
        var test = new EngineUnderTest();
        test.Engine.AddService(EngineUnderTest.Service(scheduler: "none")).ShouldBe(RuleResult.Ok);
        test.Engine.AddDestination(EngineUnderTest.Web, EngineUnderTest.Real()).ShouldBe(RuleResult.Ok);
        test.Find(EngineUnderTest.Web).Schedule(default).ShouldBeNull();
        test.Engine.FindService(EngineUnderTest.Web)!.Rule.Scheduler.ShouldBe("none");
    }

    public static TheoryData<string, VirtualServiceRule> OfNoUse => new()
    {
        { "a netmask", EngineUnderTest.Service() with { Netmask = 0xFFFFFF00 } },
        { "a persistence engine", EngineUnderTest.Service() with { PersistenceEngine = "sip" } },
    };

    [Theory]
    [MemberData(nameof(OfNoUse))]
    public void AddOrEdit_WhatWouldDoNothing_RefusedPlainly(string what, VirtualServiceRule rule)
    {
        EngineUnderTest test = new EngineUnderTest();
        RuleResult result = test.Engine.AddService(rule);
        result.Status.ShouldBe(RuleStatus.EOPNOTSUPP);
        result.Detail!.ShouldContain(what);
        result.Detail!.ShouldContain("is of use for persistence only: give -p too");
        test.Engine.ListServices().ShouldBeEmpty();
        test.WithWeb();
        if (rule.Key == EngineUnderTest.Web) test.Engine.EditService(rule).Status.ShouldBe(RuleStatus.EOPNOTSUPP);
        test.Engine.FindService(EngineUnderTest.Web)!.Rule.ShouldBe(EngineUnderTest.Service());
    }

    [Fact]
    public void Add_NetmaskWithoutPersistence_IsRefused()
    {
        var test = new EngineUnderTest();
        RuleResult result = test.Engine.AddService(EngineUnderTest.Service() with { Netmask = 0xFFFF_FF00 });
        result.Status.ShouldBe(RuleStatus.EOPNOTSUPP);
        result.Detail.ShouldBe("a netmask is of use for persistence only: give -p too, or leave out -M");
        test.Engine.AddService(EngineUnderTest.Service() with { Netmask = 0xFFFF_FF00, Flags = ServiceFlags.Persistent, PersistenceTimeout = 300 })
            .ShouldBe(RuleResult.Ok);
    }

    [Fact]
    public void Edit_Missing_NoSuchService() =>
        new EngineUnderTest().Engine.EditService(EngineUnderTest.Service(scheduler: "nosuch")).Status.ShouldBe(RuleStatus.ESRCH);

    [Fact]
    public void Edit_ReplacesTheWholeRule()
    {
        var test = new EngineUnderTest();
        test.Engine.AddService(EngineUnderTest.Service(scheduler: "sh") with { Flags = ServiceFlags.Scheduler1 | ServiceFlags.Scheduler2 });
        VirtualServiceRule edited = EngineUnderTest.Service(scheduler: "sh") with { Flags = ServiceFlags.Scheduler3 };
        test.Engine.EditService(edited).ShouldBe(RuleResult.Ok);
        test.Engine.FindService(EngineUnderTest.Web)!.Rule.ShouldBe(edited);
    }

    [Fact]
    public void Edit_SameScheduler_KeepsItsState()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb(EngineUnderTest.Real("10.0.0.1"), EngineUnderTest.Real("10.0.0.2"), EngineUnderTest.Real("10.0.0.3"));
        VirtualServiceState service = test.Find(EngineUnderTest.Web);
        service.Schedule(default)!.Address.ToString().ShouldBe("10.0.0.3");
        test.Engine.EditService(EngineUnderTest.Service() with { Flags = ServiceFlags.Scheduler1 }).ShouldBe(RuleResult.Ok);
        service.Schedule(default)!.Address.ToString().ShouldBe("10.0.0.2");
    }

    [Fact]
    public void Edit_OtherScheduler_BeginsAnewWithTheListAsItIs()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb(EngineUnderTest.Real("10.0.0.1"), EngineUnderTest.Real("10.0.0.2", weight: 5));
        VirtualServiceState service = test.Find(EngineUnderTest.Web);
        service.Schedule(default)!.Address.ToString().ShouldBe("10.0.0.2");
        test.Engine.EditService(EngineUnderTest.Service(scheduler: "fo")).ShouldBe(RuleResult.Ok);
        service.Schedule(default)!.Address.ToString().ShouldBe("10.0.0.2");
        test.Engine.EditService(EngineUnderTest.Service(scheduler: "rr")).ShouldBe(RuleResult.Ok);
        service.Schedule(default)!.Address.ToString().ShouldBe("10.0.0.2", "a new rr begins at the head");
        test.Engine.EditService(EngineUnderTest.Service(scheduler: "none")).ShouldBe(RuleResult.Ok);
        service.Schedule(default).ShouldBeNull();
    }

    [Fact]
    public void Delete_ServiceAndDestinationsAreGone()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb(EngineUnderTest.Real());
        VirtualServiceState service = test.Find(EngineUnderTest.Web);
        Destination destination = test.Find();
        test.Engine.DeleteService(EngineUnderTest.Web).ShouldBe(RuleResult.Ok);
        test.Engine.DeleteService(EngineUnderTest.Web).Status.ShouldBe(RuleStatus.ESRCH);
        test.Engine.FindService(EngineUnderTest.Web).ShouldBeNull();
        test.Engine.Table.TryFind(IpProtocol.Tcp, EngineUnderTest.Web.Address, 80, 0, out _).ShouldBeFalse();
        destination.IsAvailable.ShouldBeFalse();
        service.Schedule(default).ShouldBeNull("a worker that still holds the old snapshot schedules nothing");
    }

    [Fact]
    public void Flush_DeletesEveryService()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb(EngineUnderTest.Real());
        test.Engine.AddService(EngineUnderTest.Service("192.0.2.11"));
        test.Engine.Flush();
        test.Engine.ListServices().ShouldBeEmpty();
    }

    [Fact]
    public void Timeouts_SetAndKeptWhereZero()
    {
        DirectorEngine engine = new EngineUnderTest().Engine;
        engine.Timeouts.ShouldBe(new DirectorTimeouts(900, 120, 300));
        engine.SetTimeouts(new DirectorTimeouts(0, 30, 0)).ShouldBe(RuleResult.Ok);
        engine.Timeouts.ShouldBe(new DirectorTimeouts(900, 30, 300));
        engine.SetTimeouts(new DirectorTimeouts(1, 1, -1)).Status.ShouldBe(RuleStatus.EINVAL);
        engine.Timeouts.ShouldBe(new DirectorTimeouts(900, 30, 300));
    }
}
