using System.Runtime.CompilerServices;
using NetVS.Director.Scheduling;
using NetVS.Packets;
using NetVS.Testing.Time;

namespace NetVS.Director.Tests.Scheduling;

/// <summary>lblc, lblcr and their table.</summary>
public sealed class LocalitySchedulerTests
{
    [Theory]
    [InlineData("lblc")]
    [InlineData("lblcr")]
    public void UnknownAddress_WlcsChoiceIsRemembered(string scheduler)
    {
        var service = new ServiceUnderTest(scheduler, "B:4 A:4");
        service.PickAndOpen(4).ShouldBe("B B B B");
        ServiceUnderTest.Name(service.Schedule("198.51.100.7", 1, "192.0.2.99")).ShouldBe('A'); // another address: wlc anew
        service.Pick().ShouldBe("B");
    }

    [Theory]
    [InlineData("lblc")]
    [InlineData("lblcr")]
    public void LocallyOverloaded_OnlyWhenSomebodyHasRoom(string scheduler)
    {
        // B:2 with 3 active exceeds its weight; A:2 with 1 active has not less than half (2 · 1 < 2 is false): B stays.
        var service = new ServiceUnderTest(scheduler, "B:2 A:2");
        service.PickAndOpen(3).ShouldBe("B B B");
        service.Load('A', 1);
        service.Pick().ShouldBe("B");
        service.Weigh('A', 3); // 2 · 1 < 3: room, and wlc takes A
        service.Pick().ShouldBe("A");
    }

    [Fact]
    public void Lblc_OverloadedMark_IsNotLookedAtOnTheRememberedOne()
    {
        var service = new ServiceUnderTest("lblc", "B:4 A:4");
        service.Pick().ShouldBe("B");
        service.Overload('B');
        service.Pick().ShouldBe("B");
    }

    [Fact]
    public void Lblcr_OverloadedMark_IsHonouredInTheSet()
    {
        var service = new ServiceUnderTest("lblcr", "B:4 A:4");
        service.Pick().ShouldBe("B");
        service.Overload('B');
        service.Pick(2).ShouldBe("A A");
        service.Relieve('B');
        // The set is {A, B}; B has one connection (the threshold's), inactive: 1/4 against 0/4.
        service.Pick().ShouldBe("A");
    }

    [Theory]
    [InlineData("lblc")]
    [InlineData("lblcr")]
    public void RememberedServerQuiescedOrDeleted_AnotherIsChosen(string scheduler)
    {
        var service = new ServiceUnderTest(scheduler, "C:4 B:4 A:4");
        service.Pick().ShouldBe("C");
        service.Weigh('C', 0);
        service.Pick().ShouldBe("B");
        service.Delete('B');
        service.Pick().ShouldBe("A");
        service.Delete('A');
        service.Pick().ShouldBe("-");
    }

    [Fact]
    public void Lblcr_SetUnchangedForADay_LosesItsMostLoadedAfterTheChoice()
    {
        // B until it exceeds its weight (2 > 1) while A is idle; then A joins: {A, B}. A 257 against B 514; A 514 against 514: the newer.
        var service = new ServiceUnderTest("lblcr", "B:1 A:1");
        service.PickAndOpen(5).ShouldBe("B B A A A");

        // Exactly a day later nothing shrinks: A, now less loaded than B, is still a member.
        service.Clock.AdvanceSeconds(86400);
        service.Load('B', 2);
        service.Pick(2).ShouldBe("A A");

        // A second more: A is chosen once more, and B, the most loaded, leaves; A stays whatever its load.
        service.Clock.AdvanceSeconds(1);
        service.Pick().ShouldBe("A");
        service.Load('A', 50);
        service.Pick().ShouldBe("A");
    }

    [Fact]
    public void ServerSet_AddedTwiceAndMostLoadedRemoved()
    {
        ServerSet set = new();
        var service = new ServiceUnderTest("wlc", "C:1 B:1 A:1");
        MonotonicTime start = service.Clock.Now;
        set.Add(service['A'], start);
        set.Add(service['B'], start);
        set.Add(service['A'], start + TimeSpan.FromSeconds(5));
        set.Count.ShouldBe(2);
        set.LastChanged.ShouldBe(start, "adding a member again changes nothing");
        service.Load('A', 2);
        service.Load('B', 1);
        ServiceUnderTest.Name(set.FindLeastLoaded()).ShouldBe('B');
        set.RemoveMostLoaded(start + TimeSpan.FromSeconds(9));
        set.Count.ShouldBe(1);
        set.LastChanged.ShouldBe(start + TimeSpan.FromSeconds(9));
        ServiceUnderTest.Name(set.FindLeastLoaded()).ShouldBe('B');
    }

    [Fact]
    public void ServerSet_EqualLoads_NewestMemberFirst()
    {
        ServerSet set = new();
        var service = new ServiceUnderTest("wlc", "C:1 B:1 A:1");
        set.Add(service['A'], default);
        set.Add(service['C'], default);
        ServiceUnderTest.Name(set.FindLeastLoaded()).ShouldBe('C');
        set.RemoveMostLoaded(default); // equal too: the newest, C
        ServiceUnderTest.Name(set.FindLeastLoaded()).ShouldBe('A');
    }

    [Fact]
    public void ServerSet_WeightZero_NeitherLeastNorMost()
    {
        ServerSet set = new();
        var service = new ServiceUnderTest("wlc", "B:0 A:1");
        set.Add(service['B'], default);
        set.FindLeastLoaded().ShouldBeNull();
        set.RemoveMostLoaded(default);
        set.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(86399, 1)]
    [InlineData(86400, 0)]
    public void Table_FullCheck_DropsWhatIsUnusedForItsTime(int unused, int left)
    {
        LocalityTable<int> table = new();
        var clock = new ManualClock();
        table.TryAdd(IpAddress.Parse("192.0.2.1"), clock.Now) = 7;
        clock.AdvanceSeconds(unused);
        for (int turn = 1; turn < 30; turn++) table.Collect(clock.Now, TimeSpan.FromSeconds(86400), keepsAtDeadline: false);
        table.Count.ShouldBe(1, "the turns before the thirtieth only count");
        table.Collect(clock.Now, TimeSpan.FromSeconds(86400), keepsAtDeadline: false);
        table.Count.ShouldBe(left);
    }

    [Fact]
    public void Table_FullCheckOfLblcr_KeepsAtTheDeadline()
    {
        LocalityTable<int> table = new();
        var clock = new ManualClock();
        table.TryAdd(IpAddress.Parse("192.0.2.1"), clock.Now) = 7;
        clock.AdvanceSeconds(86400);
        for (int turn = 1; turn <= 30; turn++) table.Collect(clock.Now, TimeSpan.FromSeconds(86400), keepsAtDeadline: true);
        table.Count.ShouldBe(1);
    }

    [Fact]
    public void Table_UnderPressure_DropsTheUnusedUntilTheGoal()
    {
        // 20000 entries: goal (20000 - 16384) · 4/3 = 4821, counted per bucket, so a little more may go.
        LocalityTable<int> table = new();
        var clock = new ManualClock();
        for (uint i = 0; i < 20000; i++) table.TryAdd(new Ipv4Address(i * 7919), clock.Now) = (int)i;
        clock.AdvanceSeconds(359);
        table.Collect(clock.Now, TimeSpan.FromSeconds(86400), keepsAtDeadline: false);
        table.Count.ShouldBe(20000);
        clock.AdvanceSeconds(1);
        table.Collect(clock.Now, TimeSpan.FromSeconds(86400), keepsAtDeadline: false);
        table.Count.ShouldBeInRange(20000 - 4821 - 40, 20000 - 4821);
    }

    [Fact]
    public void Table_AtItsLimit_RefusesTheNextAndReusesFreedEntries()
    {
        LocalityTable<int> table = new();
        var clock = new ManualClock();
        for (uint i = 0; i < LocalityTable<int>.Limit; i++) table.TryAdd(new Ipv4Address(i), clock.Now) = (int)i;
        Unsafe.IsNullRef(ref table.TryAdd(IpAddress.Parse("192.0.2.1"), clock.Now)).ShouldBeTrue();
        table.Find(new Ipv4Address(24575), clock.Now).ShouldBe(24575);
        clock.AdvanceSeconds(360);
        table.Collect(clock.Now, TimeSpan.FromSeconds(86400), keepsAtDeadline: false);
        Unsafe.IsNullRef(ref table.TryAdd(IpAddress.Parse("192.0.2.1"), clock.Now)).ShouldBeFalse();
        Unsafe.IsNullRef(ref table.Find(IpAddress.Parse("192.0.2.1"), clock.Now)).ShouldBeFalse();
    }

    [Fact]
    public void FullTable_ServersAreStillChosen()
    {
        var service = new ServiceUnderTest("lblc", "B:1 A:1");
        for (uint i = 0; i <= LocalityTable<int>.Limit; i++) service.Schedule("198.51.100.7", 1, new Ipv4Address(i).ToString()).ShouldNotBeNull();
        ((LocalityBasedScheduler)service.Scheduler).Count.ShouldBe(LocalityTable<int>.Limit);
    }
}
