using NetVS.Rules;

namespace NetVS.Director.Tests.Scheduling;

/// <summary>A server that comes gets a share that grows: the period is 256 s here, so that the share is one 256th a second.</summary>
public sealed class SlowStartTests
{
    private static readonly ServiceOptions s_options = new() { SlowStart = 256 };

    private static ServiceUnderTest Service(string scheduler, string headFirst, ServiceOptions? options = null) =>
        new(scheduler, headFirst, options: options ?? s_options);

    // A alone has had its period when B comes.
    private static ServiceUnderTest WithNewcomer(string scheduler, int loadOfA = 0, int weight = 1)
    {
        ServiceUnderTest service = Service(scheduler, $"A:{weight}");
        service.Pick();
        service.Clock.AdvanceSeconds(256);
        service.Load('A', loadOfA);
        service.Add('B', weight);
        return service;
    }

    [Theory]
    [InlineData("lc")]
    [InlineData("wlc")]
    public void LeastConnections_Newcomer_IsNotFloodedAndGrows(string scheduler)
    {
        ServiceUnderTest service = WithNewcomer(scheduler, loadOfA: 1024);

        // Of 1024 a 256th is 4; an equal load goes to the head of the list once more.
        service.PickAndOpen(7).ShouldBe("B B B B B A A");
        service.Clock.AdvanceSeconds(1);

        // A 1026: an increase of one 256th, as 4 is reached already.
        service.PickAndOpen(1).ShouldBe("A");
        service.Clock.AdvanceSeconds(1);
        service.PickAndOpen(5).ShouldBe("B B B B A");
        service.Clock.AdvanceSeconds(126);

        // At half the time, half of A's 1028: 514, and the equal one.
        service.PickAndOpen(507).ShouldBe(string.Join(' ', Enumerable.Repeat("B", 506).Append("A")));
        service.Clock.AdvanceSeconds(128);
        service.PickAndOpen(516).ShouldBe(string.Join(' ', Enumerable.Repeat("B", 515).Append("A")));
    }

    [Fact]
    public void Sed_Newcomer_IsComparedByItsShare()
    {
        ServiceUnderTest service = WithNewcomer("sed", loadOfA: 256);

        // (0 + 1) / (1/256) is 256, less than A's 257; then 2 / (1/256) is not.
        service.PickAndOpen(2).ShouldBe("B A");
    }

    [Fact]
    public void Nq_Newcomer_IsNotTakenForBeingIdle()
    {
        ServiceUnderTest service = WithNewcomer("nq", loadOfA: 3);
        service.Pick().ShouldBe("A");
        service.Clock.AdvanceSeconds(256);
        service.Pick().ShouldBe("B");
    }

    [Theory]
    [InlineData("rr")]
    [InlineData("wrr")]
    public void Turns_Newcomer_TakesAPartOfThem(string scheduler)
    {
        ServiceUnderTest service = WithNewcomer(scheduler, weight: scheduler == "wrr" ? 3 : 1);
        service.Pick(255).ShouldNotContain("B");
        service.Clock.AdvanceSeconds(64);
        service.Pick(500).Count(c => c == 'B').ShouldBe(100);
        service.Clock.AdvanceSeconds(64);
        service.Pick(300).Count(c => c == 'B').ShouldBe(100);
        service.Clock.AdvanceSeconds(128);
        service.Pick(300).Count(c => c == 'B').ShouldBe(150);
    }

    [Fact]
    public void Twos_Newcomer_IsSeldomDrawn()
    {
        ServiceUnderTest service = WithNewcomer("twos", weight: 10);
        service.Pick(1000).Count(c => c == 'B').ShouldBeLessThan(30);
        service.Clock.AdvanceSeconds(256);
        service.Pick(1000).Count(c => c == 'B').ShouldBeGreaterThan(200);
    }

    [Theory]
    [InlineData("rr")]
    [InlineData("wrr")]
    [InlineData("lc")]
    [InlineData("wlc")]
    [InlineData("sed")]
    [InlineData("nq")]
    [InlineData("lblc")]
    [InlineData("lblcr")]
    public void ServersThatComeTogether_AreScheduledAsWithoutIt(string scheduler)
    {
        ServiceUnderTest slow = Service(scheduler, "C:1 B:2 A:3"), plain = Service(scheduler, "C:1 B:2 A:3", ServiceOptions.None);
        foreach (int seconds in (ReadOnlySpan<int>)[0, 1, 100, 154, 1, 1])
        {
            slow.Clock.AdvanceSeconds(seconds);
            slow.PickAndOpen(20).ShouldBe(plain.PickAndOpen(20));
        }
    }

    [Fact]
    public void OnlyTheNewcomerIsLeft_ItTakesAll()
    {
        foreach (string scheduler in (string[])["rr", "wrr", "wlc", "nq"])
        {
            ServiceUnderTest service = WithNewcomer(scheduler, loadOfA: 1);
            service.Pick();
            service.Overload('A');
            service.Pick(3).ShouldBe("B B B", scheduler);
            service.Relieve('A');
            service.Weigh('A', 0);
            service.Pick(3).ShouldBe("B B B", scheduler);
        }
    }

    [Fact]
    public void WeightFromZero_StartsAgain_AnotherWeightDoesNot()
    {
        ServiceUnderTest service = WithNewcomer("lc", loadOfA: 100);
        service.Pick();
        service.Clock.AdvanceSeconds(256);
        service.Load('B', 50);
        service.Weigh('B', 7);
        service.Pick().ShouldBe("B");
        service.Weigh('B', 0);
        service.Weigh('B', 7);
        service.Pick().ShouldBe("A");
        service.Clock.AdvanceSeconds(200);
        service.Pick().ShouldBe("B");
    }

    [Fact]
    public void Period_CountsFromTheFirstConnection()
    {
        ServiceUnderTest service = WithNewcomer("lc", loadOfA: 100);
        service.Load('B', 10);
        service.Clock.AdvanceSeconds(1000);
        service.Pick().ShouldBe("A");
    }

    [Fact]
    public void TurnedOff_EverybodyHasTheWhole_TurnedOn_WhoIsThereToo()
    {
        ServiceUnderTest service = WithNewcomer("lc", loadOfA: 100);
        service.Load('B', 50);
        service.Pick().ShouldBe("A");
        service.Service.Edit(service.Service.Rule with { Options = ServiceOptions.None }, _ => throw new InvalidOperationException());
        service.Pick().ShouldBe("B");
        service.Service.Edit(service.Service.Rule with { Options = s_options }, _ => throw new InvalidOperationException());
        service.Pick().ShouldBe("B");
        service.Add('C', 1);
        service.Load('C', 1);
        service.Pick().ShouldBe("B");
    }
}
