using NetVS.Vrrp.Machine;
using NetVS.Vrrp.Options;
using NetVS.Vrrp.Tracking;

namespace NetVS.Vrrp.Tests.Machine;

/// <summary>Why an instance is what it is: every sentence that there is.</summary>
public sealed class RouterExplanationTests
{
    private readonly World _world = new();

    private string Why(VirtualRouter router) => RouterExplanation.Of(router, _world.Clock.Now);

    [Fact]
    public void Backup_SaysWhyItDoesNotPreempt()
    {
        VirtualRouter router = _world.Start(Advert.Version3 with { PreemptDelay = TimeSpan.FromSeconds(5) });
        Why(router).ShouldBe("no master is heard: it becomes master in 3.61 s");
        _world.Hear(router, 150);
        Why(router).ShouldBe("the master 198.51.100.8 has the higher priority (150, own 100): it does not preempt, and becomes master when nothing is heard for 3.61 s");
        _world.Hear(router, 100);
        Why(router).ShouldStartWith("the master 198.51.100.8 has the same priority (100), and a master is only preempted by a higher one");
        _world.Hear(router, 50);
        Why(router).ShouldBe("the master 198.51.100.8 has the lower priority (50, own 100): preempt_delay leaves it alone for 5.00 s more");
    }

    [Theory]
    [InlineData(true, "the master 198.51.100.8 has the lower priority (90, own 100): it preempts it in 3.61 s")]
    [InlineData(false, "the master 198.51.100.8 has the lower priority (90, own 100), and nopreempt is set: it becomes master when nothing is heard for 3.61 s")]
    public void Backup_UnderALowerMaster_SaysWhetherItPreempts(bool preempts, string why)
    {
        var script = new TrackedCondition("chk", weight: -20);
        VirtualRouter router = _world.Start(Advert.Version3 with { IsPreempting = preempts }, script);
        _world.Set(router, script, isGood: false);
        _world.Hear(router, 90);
        _world.Set(router, script, isGood: true);
        Why(router).ShouldBe(why);
    }

    [Fact]
    public void StartupDelay_IsNamed()
    {
        VirtualRouter router = _world.Start(Advert.Version3 with { StartupDelay = TimeSpan.FromSeconds(7) });
        _world.Pass(2);
        Why(router).ShouldBe("vrrp_startup_delay holds it for 5.00 s more");
    }

    [Fact]
    public void Master_Fault_AndInit_AreExplained()
    {
        var link = new TrackedCondition("interface eth1 is down", subject: "interface eth1");
        VirtualRouter router = _world.Start(Advert.Version3, link);
        Why(router).ShouldBe("it waits for a first result of interface eth1");
        _world.Set(router, link, isGood: false);
        Why(router).ShouldBe("interface eth1 is down");
        _world.Set(router, link, isGood: true);
        _world.Pass(4);
        Why(router).ShouldBe("no better router is heard");
        Why(_world.Start(Advert.Version3 with { Priority = 255 })).ShouldBe("it owns its addresses");
    }

    [Fact]
    public void Group_IsNamed()
    {
        var link = new TrackedCondition("interface eth1 is down");
        VirtualRouter first = _world.Add(Advert.Version3), second = _world.Add(Advert.Version3 with { DownTimerAdverts = 9 }, link);
        var group = new SyncGroup("G", _world);
        group.Add(first);
        group.Add(second);
        first.Start(_world.Clock.Now);
        second.Start(_world.Clock.Now);
        _world.Set(second, link, isGood: false);
        Why(first).ShouldBe("another instance of its group G is in FAULT");
        _world.Set(second, link, isGood: true);
        _world.Pass(4);
        Why(first).ShouldBe("it wants to be master, and waits for the others of its group G");
    }
}
