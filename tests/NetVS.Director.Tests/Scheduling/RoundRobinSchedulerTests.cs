namespace NetVS.Director.Tests.Scheduling;

public sealed class RoundRobinSchedulerTests
{
    [Fact]
    public void ThreeServers_FromTheHeadRoundAndRound() =>
        new ServiceUnderTest("rr", "C B A").Pick(6).ShouldBe("C B A C B A");

    [Fact]
    public void Weights_PlayNoPartButZero() =>
        new ServiceUnderTest("rr", "D:100 C:1 B:0 A:3").Pick(6).ShouldBe("D C A D C A");

    [Fact]
    public void DeletedLastChoice_NextIsTheOneBehindIt()
    {
        // Reference §19: after choosing B, delete B: the pointer steps back to C, and behind C now stands A.
        var service = new ServiceUnderTest("rr", "C B A");
        service.Pick(2).ShouldBe("C B");
        service.Delete('B');
        service.Pick(3).ShouldBe("A C A");
    }

    [Fact]
    public void DeletedHeadWhenItWasLastChoice_NextIsTheNewHead()
    {
        var service = new ServiceUnderTest("rr", "C B A");
        service.Pick(1).ShouldBe("C");
        service.Delete('C');
        service.Pick(3).ShouldBe("B A B");
    }

    [Fact]
    public void DeletedBeforeLastChoice_NothingElseMoves()
    {
        var service = new ServiceUnderTest("rr", "C B A");
        service.Pick(2).ShouldBe("C B");
        service.Delete('C');
        service.Pick(2).ShouldBe("A B");
    }

    [Fact]
    public void AddedMidRound_ComesAfterTheWrap()
    {
        // D stands before C; the pointer is on C, so B and A come first.
        var service = new ServiceUnderTest("rr", "C B A");
        service.Pick(1).ShouldBe("C");
        service.Add('D', 1);
        service.Pick(5).ShouldBe("B A D C B");
    }

    [Fact]
    public void AddedBeforeTheFirstChoice_IsFirst()
    {
        var service = new ServiceUnderTest("rr", "B A");
        service.Add('C', 1);
        service.Pick(3).ShouldBe("C B A");
    }

    [Fact]
    public void OverloadedOrQuiesced_IsSkippedAndComesBackInItsPlace()
    {
        var service = new ServiceUnderTest("rr", "C B A");
        service.Overload('B');
        service.Pick(3).ShouldBe("C A C");
        service.Relieve('B');
        service.Weigh('C', 0);
        service.Pick(4).ShouldBe("B A B A");
    }

    [Fact]
    public void NobodyEligible_FailsAndThePointerStays()
    {
        var service = new ServiceUnderTest("rr", "C B A");
        service.Pick(2).ShouldBe("C B");
        foreach (char name in "ABC") service.Weigh(name, 0);
        service.Pick(2).ShouldBe("- -");
        foreach (char name in "ABC") service.Weigh(name, 1);
        service.Pick(1).ShouldBe("A");
    }

    [Fact]
    public void OnlyTheLastChoiceEligible_IsChosenAgain()
    {
        var service = new ServiceUnderTest("rr", "C B A");
        service.Pick(2).ShouldBe("C B");
        service.Weigh('A', 0);
        service.Weigh('C', 0);
        service.Pick(2).ShouldBe("B B");
    }

    [Fact]
    public void NoServers_Fails()
    {
        var service = new ServiceUnderTest("rr");
        service.Pick().ShouldBe("-");
        service.Add('A', 1);
        service.Delete('A');
        service.Pick().ShouldBe("-");
    }
}
