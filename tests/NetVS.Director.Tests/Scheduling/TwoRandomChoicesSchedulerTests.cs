using NetVS.Testing.Randomness;

namespace NetVS.Director.Tests.Scheduling;

public sealed class TwoRandomChoicesSchedulerTests
{
    // C:1 B:2 A:3: W = 6, numbers 0..6: 0 and 1 are C (1 - 1 = 0), 2 and 3 are B, 4 to 6 are A.
    [Theory]
    [InlineData(0, 0, 'C')]
    [InlineData(1, 1, 'C')]
    [InlineData(2, 2, 'B')]
    [InlineData(3, 3, 'B')]
    [InlineData(4, 4, 'A')]
    [InlineData(6, 6, 'A')]
    [InlineData(1, 6, 'C')] // both idle: 0 > 0 is false, the first choice
    [InlineData(6, 1, 'A')]
    public void IdleServers_FirstNumberDecides(uint first, uint second, char chosen) =>
        new ServiceUnderTest("twos", "C:1 B:2 A:3", random: new ScriptedRandom(first, second)).PickFor("198.51.100.7").ShouldBe(chosen);

    [Fact]
    public void LoadPerWeight_SecondWinsWhenStrictlyLess()
    {
        // C:1 with 1 active: 257; A:3 with 3: 771. 3 · 257 > 1 · 771 is false: C. With one inactive more on C: 774 > 771: A.
        var random = new ScriptedRandom(1, 6, 1, 6);
        var service = new ServiceUnderTest("twos", "C:1 B:2 A:3", random: random);
        service.Load('C', 1);
        service.Load('A', 3);
        service.Pick().ShouldBe("C");
        service.Load('C', 0, 1);
        service.Pick().ShouldBe("A");
        random.Left.ShouldBe(0);
    }

    [Fact]
    public void IneligibleServers_HaveNoNumbers()
    {
        // C is overloaded and B quiesced: W = 3, every number is A.
        var service = new ServiceUnderTest("twos", "C:1 B:2 A:3", random: new ScriptedRandom(0, 3));
        service.Overload('C');
        service.Weigh('B', 0);
        service.Pick().ShouldBe("A");
    }

    [Fact]
    public void GreatWeights_ComparisonWrapsIn32Bits()
    {
        // 65535 · 257 · 200 = 3368499000 wraps to -926468296: the second choice, idle, does not win: -926468296 > 0 is false.
        var service = new ServiceUnderTest("twos", "B:1 A:65535", random: new ScriptedRandom(1, 2));
        service.Load('B', 200);
        service.Pick().ShouldBe("B");
    }

    [Fact]
    public void NobodyEligible_FailsWithoutDrawing()
    {
        var random = new ScriptedRandom();
        new ServiceUnderTest("twos", random: random).Pick().ShouldBe("-");
        new ServiceUnderTest("twos", "B:0 A:0", random: random).Pick().ShouldBe("-");
    }

    [Fact]
    public void ServersComeAndGo_NumbersFollow()
    {
        var service = new ServiceUnderTest("twos", "B:1 A:1", random: new ScriptedRandom(1, 1, 1, 1, 1, 1));
        service.Pick().ShouldBe("B");
        service.Add('C', 1);
        service.Pick().ShouldBe("C");
        service.Delete('C');
        service.Delete('B');
        service.Pick().ShouldBe("A");
    }
}
