using NetVS.Vrrp.Machine;
using NetVS.Vrrp.Options;
using NetVS.Vrrp.Tracking;

namespace NetVS.Vrrp.Tests.Machine;

public sealed class SyncGroupTests
{
    private readonly World _world = new();
    private readonly TrackedCondition _linkA = new("a");
    private readonly TrackedCondition _linkB = new("b");

    public SyncGroupTests()
    {
        _linkA.Set(true);
        _linkB.Set(true);
    }

    [Fact]
    public void Group_WhenAllTimersExpired_BecomesMasterTogether()
    {
        (VirtualRouter a, VirtualRouter b, _) = Start();
        _world.Done.ShouldBe("A BACKUP, B BACKUP, G BACKUP");
        _world.Pass(1);
        _world.Hear(b, 200);
        _world.Pass(2.7);
        a.State.ShouldBe(VirtualRouterState.Backup, "B still hears a master");
        a.WantsMaster.ShouldBeTrue();
        _world.Pass(1);
        b.State.ShouldBe(VirtualRouterState.Master);
        a.State.ShouldBe(VirtualRouterState.Master);
        _world.Done.ShouldBe("B advert 101, B take, B garp 5, B MASTER, A advert 100, A take, A garp 5, A MASTER, G MASTER");
    }

    [Fact]
    public void Group_WhenOneMemberFails_FailsAsAWhole()
    {
        (VirtualRouter a, VirtualRouter b, _) = StartMasters();
        _world.Set(b, _linkB, false);
        _world.Done.ShouldBe("B advert 0, B advert 0, B release, B FAULT, A advert 0, A release, A FAULT, G FAULT");
        _world.Set(a, _linkA, false);
        _world.Set(b, _linkB, true);
        b.State.ShouldBe(VirtualRouterState.Fault, "A is still in fault");
        _world.Set(a, _linkA, true);
        _world.Done.ShouldBe("A BACKUP, B BACKUP, G BACKUP");
    }

    [Fact]
    public void Group_WhenOneMemberYields_YieldsAsAWhole()
    {
        (VirtualRouter a, VirtualRouter b, _) = StartMasters();
        _world.Hear(a, 200);
        b.State.ShouldBe(VirtualRouterState.Backup);
        _world.Done.ShouldBe("A release, A BACKUP, B release, B BACKUP, G BACKUP");
    }

    [Fact]
    public void Group_WhenAMemberIsAdded_StaysMaster()
    {
        (VirtualRouter a, VirtualRouter b, SyncGroup group) = StartMasters();
        VirtualRouter c = _world.Add(Advert.Version3 with { Name = "C", RouterId = 11 });
        group.Add(c);
        c.Start(_world.Clock.Now);
        _world.Done.ShouldBe("C BACKUP");
        a.State.ShouldBe(VirtualRouterState.Master);
        b.State.ShouldBe(VirtualRouterState.Master);
        _world.Pass(3.7);
        c.State.ShouldBe(VirtualRouterState.Master);
        a.Counters.ReleasedMaster.ShouldBe(0);
        _world.Done.ShouldNotContain("release");
    }

    [Fact]
    public void Owners_AllOfThem_AreMasterAtOnce()
    {
        var group = new SyncGroup("G", _world);
        VirtualRouter a = _world.Add(Advert.Version3 with { Name = "A", Priority = 255 });
        VirtualRouter b = _world.Add(Advert.Version3 with { Name = "B", Priority = 255, RouterId = 10 });
        group.Add(a);
        group.Add(b);
        a.Start(_world.Clock.Now);
        b.Start(_world.Clock.Now);
        a.State.ShouldBe(VirtualRouterState.Master);
        b.State.ShouldBe(VirtualRouterState.Master);
    }

    private (VirtualRouter A, VirtualRouter B, SyncGroup Group) Start()
    {
        var group = new SyncGroup("G", _world);
        VirtualRouter a = _world.Add(Advert.Version3 with { Name = "A", Garp = new GarpTimes { MasterDelay = TimeSpan.Zero } }, _linkA);
        VirtualRouter b = _world.Add(Advert.Version3 with { Name = "B", RouterId = 10, Priority = 101, Garp = new GarpTimes { MasterDelay = TimeSpan.Zero } }, _linkB);
        group.Add(a);
        group.Add(b);
        a.Start(_world.Clock.Now);
        b.Start(_world.Clock.Now);
        return (a, b, group);
    }

    private (VirtualRouter A, VirtualRouter B, SyncGroup Group) StartMasters()
    {
        (VirtualRouter a, VirtualRouter b, SyncGroup group) = Start();
        _world.Pass(3.7);
        a.State.ShouldBe(VirtualRouterState.Master);
        b.State.ShouldBe(VirtualRouterState.Master);
        _ = _world.Done;
        return (a, b, group);
    }
}
