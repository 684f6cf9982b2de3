using NetVS.Packets;
using NetVS.Testing.Memory;
using NetVS.Vrrp.Machine;
using NetVS.Vrrp.Options;
using NetVS.Vrrp.Tracking;
using NetVS.Vrrp.Wire;

namespace NetVS.Vrrp.Tests.Machine;

public sealed class VirtualRouterTests
{
    private readonly World _world = new();

    [Theory]
    [InlineData(2, 150, 1, 3, 3414062)]
    [InlineData(2, 100, 5, 3, 15609375)]
    [InlineData(3, 100, 0.5, 3, 1804687)]
    [InlineData(3, 254, 0.1, 5, 500781)]
    public void MasterDown_OfAVersion_IsAsItsStandardHasIt(int version, int priority, double interval, int adverts, long microseconds) =>
        VirtualRouterTimes.MasterDown(version, priority, TimeSpan.FromSeconds(interval), adverts).ShouldBe(TimeSpan.FromMicroseconds(microseconds));

    [Fact]
    public void Backup_WithoutAdverts_BecomesMasterAfterTheMasterDownTime()
    {
        VirtualRouter router = _world.Start(Advert.Version3);
        _world.Done.ShouldBe("BACKUP");
        _world.Pass(3.609374);
        router.State.ShouldBe(VirtualRouterState.Backup);
        _world.Pass(0.000001);
        router.State.ShouldBe(VirtualRouterState.Master);
        _world.Done.ShouldBe("advert 100, take, garp 5, MASTER");
        _world.Pass(1);
        _world.Done.ShouldBe("advert 100");
        _world.Pass(4);
        _world.Done.ShouldBe("advert 100, advert 100, advert 100, advert 100, garp 5");
    }

    [Fact]
    public void StateMaster_BelowOwner_StillWaits()
    {
        VirtualRouter router = _world.Start(Advert.Version3 with { StartsAsMaster = true });
        router.State.ShouldBe(VirtualRouterState.Backup);
    }

    [Fact]
    public void Owner_AtStart_IsMasterAtOnce()
    {
        _world.Start(Advert.Version3 with { Priority = 255 });
        _world.Done.ShouldBe("advert 255, take, garp 5, MASTER");
    }

    [Fact]
    public void StartupDelay_HoldsTheTimers()
    {
        VirtualRouter router = _world.Start(Advert.Version3 with { StartupDelay = TimeSpan.FromSeconds(10) });
        _world.Pass(13.6);
        router.State.ShouldBe(VirtualRouterState.Backup);
        _world.Pass(0.1);
        router.State.ShouldBe(VirtualRouterState.Master);
    }

    [Fact]
    public void Backup_HearingAHigherPriority_LearnsItsInterval()
    {
        VirtualRouter router = _world.Start(Advert.Version3);
        _world.Hear(router, 150, sender: Advert.Version3 with { AdvertInterval = TimeSpan.FromMilliseconds(100) });
        router.MasterAddress.ShouldBe(IpAddress.Parse("198.51.100.8"));
        (router.Deadline - _world.Clock.Now).ShouldBe(TimeSpan.FromMicroseconds(360937));
    }

    [Fact]
    public void Backup_HearingALowerPriority_LetsItsTimerRun()
    {
        VirtualRouter router = _world.Start(Advert.Version3);
        MonotonicTime before = router.Deadline;
        _world.Pass(1);
        _world.Hear(router, 50).ShouldBe(AdvertProblem.None);
        router.Deadline.ShouldBe(before);
        _world.Events[^1].ShouldBe((VirtualRouterEvent.DiscardedLowerPriority, IpAddress.Parse("198.51.100.8"), 50));
    }

    [Fact]
    public void Backup_WithNopreempt_AcceptsALowerPriority()
    {
        VirtualRouter router = _world.Start(Advert.Version3 with { IsPreempting = false });
        for (int i = 0; i < 10; i++)
        {
            _world.Hear(router, 50);
            _world.Pass(1);
        }

        router.State.ShouldBe(VirtualRouterState.Backup);
    }

    [Fact]
    public void PreemptDelay_BeginsAtTheFirstLowerAdvertAndEndsWithTheMasterDownTime()
    {
        VirtualRouter router = _world.Start(Advert.Version3 with { PreemptDelay = TimeSpan.FromSeconds(5) });
        _world.Pass(2);
        double waited = 0;
        for (; router.State == VirtualRouterState.Backup && waited < 20; waited++)
        {
            _world.Hear(router, 50);
            _world.Pass(1);
        }

        // Heard at 0, 1, 2, 3, 4 and taken; at 5 the delay is over; the advert of 4 holds until 4 + 3.609.
        waited.ShouldBe(8);
    }

    [Fact]
    public void PreemptDelay_HearingABetterMaster_IsCancelled()
    {
        VirtualRouter router = _world.Start(Advert.Version3 with { PreemptDelay = TimeSpan.FromSeconds(5) });
        _world.Hear(router, 50);
        _world.Pass(1);
        _world.Hear(router, 150);
        _world.Events[^1].What.ShouldBe(VirtualRouterEvent.PreemptDelayStopped);
    }

    [Fact]
    public void Backup_WhenTheMasterResigns_WaitsForTheSkewOnly()
    {
        VirtualRouter router = _world.Start(Advert.Version3);
        _world.Hear(router, 150);
        _world.Hear(router, 0);
        (router.Deadline - _world.Clock.Now).ShouldBe(TimeSpan.FromMicroseconds(609375));
        router.Counters.ZeroReceived.ShouldBe(1);
    }

    [Fact]
    public void Master_HearingAHigherPriority_Yields()
    {
        VirtualRouter router = StartMaster(Advert.Version3);
        _world.Hear(router, 150);
        router.State.ShouldBe(VirtualRouterState.Backup);
        _world.Done.ShouldBe("release, BACKUP");
        router.Counters.TwoMasters.ShouldBe(0);
    }

    [Fact]
    public void Master_HearingItsOwnPriority_LetsTheHigherAddressBeMaster()
    {
        VirtualRouter router = StartMaster(Advert.Version3);
        _world.Hear(router, 100, "198.51.100.6");
        router.State.ShouldBe(VirtualRouterState.Master);
        _world.Hear(router, 100, "198.51.100.8");
        router.State.ShouldBe(VirtualRouterState.Backup);
    }

    [Fact]
    public void Master_HearingALowerPriority_AnswersAndCountsTheOther()
    {
        VirtualRouter router = StartMaster(Advert.Version3);
        _world.Hear(router, 50);
        _world.Done.ShouldBe("advert 100, garp 5, MASTERRECEIVEDLOWERPRIORITY");
        router.Counters.TwoMasters.ShouldBe(1);
        router.OtherMaster.ShouldBe(IpAddress.Parse("198.51.100.8"));
        _world.Events.Count(e => e.What == VirtualRouterEvent.TwoMasters).ShouldBe(1);
        _world.Hear(router, 50);
        _world.Events.Count(e => e.What == VirtualRouterEvent.TwoMasters).ShouldBe(1, "said once, counted twice");
        router.Counters.TwoMasters.ShouldBe(2);
        _ = _world.Done;
        _world.Pass(5);
        _world.Done.ShouldContain("garp 5");
    }

    [Fact]
    public void Master_WithLowerPrioNoAdvert_StaysSilent()
    {
        VirtualRouter router = StartMaster(Advert.Version3 with { LowerPriorityNoAdvert = true, Garp = new GarpTimes { LowerPriorityRepeat = 0 } });
        _world.Hear(router, 50);
        _world.Done.ShouldBe("MASTERRECEIVEDLOWERPRIORITY");
    }

    [Fact]
    public void Master_HearingAResignation_AdvertisesAtOnce()
    {
        VirtualRouter router = StartMaster(Advert.Version3);
        _world.Hear(router, 0);
        _world.Done.ShouldBe("advert 100");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    public void Master_UnderAStorm_AnswersTenTimesAnInterval(int priority)
    {
        VirtualRouter router = StartMaster(Advert.Version3);
        long before = router.Counters.Sent;
        for (int i = 0; i < 1000; i++)
        {
            _world.Hear(router, (byte)priority);
            _world.Pass(0.001);
        }

        (router.Counters.Sent - before).ShouldBeInRange(10, 11);
        router.Counters.AnswersSpared.ShouldBe(990);
        router.State.ShouldBe(VirtualRouterState.Master);
    }

    [Fact]
    public void Backup_UnderAStormOfResignations_BecomesMasterAfterTheFirstSkew()
    {
        VirtualRouter router = _world.Start(Advert.Version3);
        for (int i = 0; i < 609; i++)
        {
            _world.Hear(router, 0);
            _world.Pass(0.001);
        }

        router.State.ShouldBe(VirtualRouterState.Backup);
        _world.Hear(router, 0);
        _world.Pass(0.001);
        router.State.ShouldBe(VirtualRouterState.Master);
    }

    [Fact]
    public void Master_HearingItself_CountsAndStays()
    {
        VirtualRouter router = StartMaster(Advert.Version3);
        _world.Hear(router, 100, "198.51.100.7").ShouldBe(AdvertProblem.OwnAddress);
        router.State.ShouldBe(VirtualRouterState.Master);
        router.Counters.Refused(AdvertProblem.OwnAddress).ShouldBe(1);
    }

    [Fact]
    public void Master_UnderBadPackets_KeepsItsInterval()
    {
        VirtualRouter router = StartMaster(Advert.Version3);
        for (int i = 0; i < 50; i++)
        {
            _world.Hear(router, 100, "198.51.100.9", Advert.Version3 with { Addresses = [] });
            _world.Pass(0.05);
        }

        _world.Done.ShouldBe("advert 100, advert 100");
    }

    [Fact]
    public void Owner_HearingAnotherOwner_IsOneLessFromThenOn()
    {
        VirtualRouter router = StartMaster(Advert.Version3 with { Priority = 255 });
        _world.Hear(router, 255);
        router.State.ShouldBe(VirtualRouterState.Backup);
        router.EffectivePriority.ShouldBe((byte)254);
    }

    [Fact]
    public void Fault_OfAMaster_ResignsTwice()
    {
        var link = new TrackedCondition("eth0");
        link.Set(true);
        VirtualRouter router = StartMaster(Advert.Version3, link);
        _world.Set(router, link, false);
        _world.Done.ShouldBe("advert 0, advert 0, release, FAULT");
        _world.Hear(router, 50).ShouldBe(AdvertProblem.NotListening);
        _world.Set(router, link, true);
        _world.Done.ShouldBe("BACKUP");
        (router.Deadline - _world.Clock.Now).ShouldBe(TimeSpan.FromMicroseconds(3609375));
    }

    [Fact]
    public void Script_WithoutAResult_KeepsItInInit()
    {
        var script = new TrackedCondition("chk");
        VirtualRouter router = _world.Start(Advert.Version3, script);
        router.State.ShouldBe(VirtualRouterState.Initial);
        _world.Done.ShouldBe("");
        _world.Set(router, script, true);
        _world.Done.ShouldBe("BACKUP");
    }

    [Fact]
    public void Priority_WhenItChanges_MovesTheRunningTimer()
    {
        var script = new TrackedCondition("chk", weight: 50);
        VirtualRouter router = _world.Start(Advert.Version3, script);
        MonotonicTime before = router.Deadline;
        _world.Set(router, script, true);
        router.EffectivePriority.ShouldBe((byte)150);
        (before - router.Deadline).ShouldBe(TimeSpan.FromMicroseconds(609375 - 414062));
        _world.Done.ShouldBe("BACKUP, priority 150");
    }

    [Fact]
    public void Addresses_TakenAway_MakeItResignAndReturnAfterTheSkew()
    {
        VirtualRouter router = StartMaster(Advert.Version3);
        router.LoseAddresses(_world.Clock.Now);
        _world.Done.ShouldBe("advert 0, release, BACKUP");
        _world.Pass(0.61);
        router.State.ShouldBe(VirtualRouterState.Master);
    }

    [Fact]
    public void Stop_OfAMaster_Resigns()
    {
        VirtualRouter router = StartMaster(Advert.Version3);
        router.Stop(_world.Clock.Now);
        _world.Done.ShouldBe("advert 0, release, STOP");
        _world.Pass(100);
        _world.Done.ShouldBe("");
    }

    [Fact]
    public void Reload_OfAMaster_AdvertisesAtOnceAndStays()
    {
        VirtualRouter router = StartMaster(Advert.Version3);
        router.Change(Advert.Version3 with { Priority = 90 }, [], _world.Clock.Now);
        _world.Done.ShouldBe("priority 90, advert 90");
        router.State.ShouldBe(VirtualRouterState.Master);
    }

    [Fact]
    public void Refresh_OfGratuitousArp_GoesWithTheAdverts()
    {
        StartMaster(Advert.Version3 with { Garp = new GarpTimes { MasterDelay = TimeSpan.Zero, MasterRefresh = TimeSpan.FromSeconds(2), MasterRefreshRepeat = 3 } });
        _world.Pass(4);
        _world.Done.ShouldBe("advert 100, advert 100, garp 3, advert 100, advert 100, garp 3");
    }

    [Fact]
    public void Advert_ThatLeavesMoreThanATenthLate_Counts()
    {
        VirtualRouter router = StartMaster(Advert.Version3);
        _world.Clock.AdvanceTo(router.Deadline + TimeSpan.FromMilliseconds(100));
        router.Tick(_world.Clock.Now);
        (router.Counters.Late, router.Counters.LongestDelay).ShouldBe((0, TimeSpan.FromMilliseconds(100)));
        _world.Clock.AdvanceTo(router.Deadline + TimeSpan.FromMilliseconds(101));
        router.Tick(_world.Clock.Now);
        (router.Counters.Late, router.Counters.LongestDelay).ShouldBe((1, TimeSpan.FromMilliseconds(101)));
    }

    [Fact]
    public void SteadyState_OfMasterAndBackup_AllocatesNothing()
    {
        var silent = new SilentEffects();
        var master = new VirtualRouter(Advert.Version3, [], silent) { Source = IpAddress.Parse("198.51.100.7") };
        var backup = new VirtualRouter(Advert.Version3, [], silent) { Source = IpAddress.Parse("198.51.100.6") };
        MonotonicTime now = _world.Clock.Now;
        master.Start(now);
        backup.Start(now);
        now += TimeSpan.FromSeconds(4);
        master.Tick(now);
        byte[] packet = Advert.From(Advert.Version3, "198.51.100.8", 150);
        Allocations.Measure(1000, () =>
        {
            now += TimeSpan.FromSeconds(1);
            master.Tick(now);
            Advert.TryRead(packet, out ReceivedAdvert advert);
            backup.Receive(advert, now);
            backup.Tick(now);
        }).ShouldBe(0);
        master.State.ShouldBe(VirtualRouterState.Master);
        backup.State.ShouldBe(VirtualRouterState.Backup);
    }

    private VirtualRouter StartMaster(VirtualRouterOptions options, params TrackedCondition[] conditions)
    {
        VirtualRouter router = _world.Start(options, conditions);
        if (router.State == VirtualRouterState.Backup) _world.Pass((router.Deadline - _world.Clock.Now).TotalSeconds);
        router.State.ShouldBe(VirtualRouterState.Master);
        _ = _world.Done;
        return router;
    }

    private sealed class SilentEffects : IVirtualRouterEffects
    {
        private readonly byte[] _buffer = new byte[AdvertWriter.MostOctets];

        public void SendAdvert(VirtualRouter router, byte priority) =>
            AdvertWriter.Write(_buffer, router.Options, router.NextAdvert(router.Options.Group, priority));

        public void TakeAddresses(VirtualRouter router)
        {
        }

        public void ReleaseAddresses(VirtualRouter router)
        {
        }

        public void Announce(VirtualRouter router, int rounds)
        {
        }

        public void StopAnnouncing(VirtualRouter router)
        {
        }

        public void AnnounceSource(VirtualRouter router)
        {
        }

        public void Notify(VirtualRouter router, Notification notification)
        {
        }

        public void Notify(SyncGroup group, Notification notification)
        {
        }

        public void NotifyPriority(VirtualRouter router)
        {
        }

        public void Report(VirtualRouter router, VirtualRouterEvent what, IpAddress other, int number)
        {
        }
    }
}
