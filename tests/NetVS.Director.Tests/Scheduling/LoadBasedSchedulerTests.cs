namespace NetVS.Director.Tests.Scheduling;

/// <summary>lc, wlc, sed, nq, fo and ovf: no state, so each case is a list, its loads and the pick.</summary>
public sealed class LoadBasedSchedulerTests
{
    [Fact]
    public void Lc_ActiveWeighs257InactiveOne()
    {
        // Reference §19: active 1 total 1 is 257, active 0 total 256 is 256 and wins.
        var service = new ServiceUnderTest("lc", "B A");
        service.Load('B', active: 1);
        service.Load('A', active: 0, inactive: 256);
        service.Pick().ShouldBe("A");
        service.Load('A', active: 0, inactive: 1);
        service.Pick().ShouldBe("B"); // 257 each: the one nearest the head
    }

    [Fact]
    public void Lc_WeightsDoNotMatterButZero()
    {
        var service = new ServiceUnderTest("lc", "C:0 B:1 A:100");
        service.Load('A', active: 1);
        service.Pick().ShouldBe("B");
        service.Load('B', active: 2);
        service.Pick().ShouldBe("A");
    }

    [Fact]
    public void Lc_OpenConnections_GoRound() => new ServiceUnderTest("lc", "C B A").PickAndOpen(6).ShouldBe("C B A C B A");

    [Fact]
    public void Wlc_IdleEquals_NewestUntilItsCountRises()
    {
        var service = new ServiceUnderTest("wlc", "B A");
        service.Pick(3).ShouldBe("B B B");
        service.PickAndOpen(4).ShouldBe("B A B A");
    }

    [Fact]
    public void Wlc_LoadPerWeight()
    {
        // overhead/weight, an active connection being 257; ties to the head.
        // all 0: C. C 257/1: B (0). B 257/2, A 0: A. A 257/3=86, B 128, C 257: A. A 514/3=171: B 128. B 257: A 171. A 771/3=257: C, all equal.
        new ServiceUnderTest("wlc", "C:1 B:2 A:3").PickAndOpen(7).ShouldBe("C B A A B A C");
    }

    [Fact]
    public void Wlc_ZeroAndOverloaded_AreSkipped()
    {
        var service = new ServiceUnderTest("wlc", "C:0 B:5 A:1");
        service.Overload('B');
        service.Load('A', active: 50);
        service.Pick().ShouldBe("A");
        service.Weigh('A', 0);
        service.Pick().ShouldBe("-");
    }

    [Fact]
    public void Sed_IdleServers_GreatestWeight()
    {
        // (active + 1) / weight: C 1, B 1/2, A 1/3: A. A 2/3: B 1/2. B 1: A 2/3. A 1: all 1: C.
        new ServiceUnderTest("sed", "C:1 B:2 A:3").PickAndOpen(4).ShouldBe("A B A C");
    }

    [Fact]
    public void Sed_InactiveConnections_DoNotCount()
    {
        var service = new ServiceUnderTest("sed", "B:1 A:1");
        service.Load('B', active: 0, inactive: 1000);
        service.Pick().ShouldBe("B");
        service.Load('B', active: 1);
        service.Pick().ShouldBe("A");
    }

    [Fact]
    public void Nq_FirstIdleWhateverItsWeight()
    {
        var service = new ServiceUnderTest("nq", "C:1 B:2 A:3");
        service.PickAndOpen(3).ShouldBe("C B A");
        // Nobody idle: (active + 1) / weight = 2, 1, 2/3: A; then A 1: B and A tie at 1, the head first: B; then A 1: A; then C 2, B 3/2, A 4/3: A.
        service.PickAndOpen(4).ShouldBe("A B A A");
    }

    [Fact]
    public void Nq_IdleButZeroOrOverloaded_IsSkipped()
    {
        var service = new ServiceUnderTest("nq", "C:0 B:1 A:1");
        service.Overload('B');
        service.Pick().ShouldBe("A");
    }

    [Fact]
    public void Fo_GreatestWeightUntilItCannot()
    {
        var service = new ServiceUnderTest("fo", "C:1 B:3 A:3");
        service.PickAndOpen(3).ShouldBe("B B B");
        service.Weigh('B', 0);
        service.Pick().ShouldBe("A");
        service.Overload('A');
        service.Pick().ShouldBe("C");
        service.Delete('C');
        service.Pick().ShouldBe("-");
        service.Weigh('B', 3);
        service.Pick().ShouldBe("B");
    }

    [Fact]
    public void Ovf_WeightPlusOneActive_ThenTheNext()
    {
        // B:2 takes 3, A:1 takes 2, then nobody.
        var service = new ServiceUnderTest("ovf", "B:2 A:1");
        service.PickAndOpen(6).ShouldBe("B B B A A -");
    }

    [Fact]
    public void Ovf_InactiveConnections_NeverOverflow()
    {
        var service = new ServiceUnderTest("ovf", "B:2 A:1");
        service.Load('B', active: 0, inactive: 100);
        service.Pick(3).ShouldBe("B B B");
    }

    [Fact]
    public void Ovf_ZeroAndOverloaded_AreSkipped()
    {
        var service = new ServiceUnderTest("ovf", "C:0 B:9 A:1");
        service.Overload('B');
        service.Pick().ShouldBe("A");
    }

    [Theory]
    [InlineData("lc")]
    [InlineData("wlc")]
    [InlineData("sed")]
    [InlineData("nq")]
    [InlineData("fo")]
    [InlineData("ovf")]
    public void NoServers_Fails(string scheduler)
    {
        var service = new ServiceUnderTest(scheduler);
        service.Pick().ShouldBe("-");
        service.Add('A', 1);
        service.Pick().ShouldBe("A");
        service.Delete('A');
        service.Pick().ShouldBe("-");
    }

    [Theory]
    [InlineData("wlc", "B")]
    [InlineData("sed", "A")]
    public void HugeWeightsAndLoads_DoNotOverflow(string scheduler, string pick)
    {
        // 2^31 - 1 against 1: products of both need 64 bits. wlc: all idle but A with 10 active; A's 2570/(2^31-1) is above B's 0/1.
        // sed: A 11/(2^31-1) is below B's 1/1.
        var service = new ServiceUnderTest(scheduler, $"B:1 A:{int.MaxValue}");
        service.Load('A', active: 10);
        service.Pick().ShouldBe(pick);
    }

    [Theory]
    [InlineData("lc", "C B A", "B")]
    [InlineData("wlc", "C B A", "B")]
    [InlineData("sed", "C B A", "B")]
    [InlineData("fo", "C:3 B:2 A:1", "C")]
    public void ServersComeAndGo_OnlyTheListDecides(string scheduler, string headFirst, string pick)
    {
        var service = new ServiceUnderTest(scheduler, headFirst);
        service.Load('C', active: 1);
        service.Pick().ShouldBe(pick);
        service.Add('D', 9);
        service.Pick().ShouldBe("D");
        service.Delete('D');
        service.Pick().ShouldBe(pick);
    }
}
