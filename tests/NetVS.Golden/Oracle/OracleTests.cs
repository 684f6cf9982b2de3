namespace NetVS.Golden.Oracle;

/// <summary>
/// Plays every fixture, and the scenarios under scenarios/, to a kernel's own IPVS too, and compares: frames octet by octet, what reaches the stack,
/// tables, timers, listings, messages, counters. <c>./test --oracle</c> builds the kernel and turns this on.
/// </summary>
public sealed class OracleTests(OracleGuest guest) : IClassFixture<OracleGuest>
{
    private const string Nothing = "(not wanted)";

    public static TheoryData<string> Scenarios => OracleKernel.IsWanted ? [.. OracleGuest.Names] : [Nothing];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Scenario_PlayedToTheKernel_GivesTheSame(string scenario)
    {
        Assert.SkipWhen(scenario == Nothing, "no comparison with a kernel's IPVS: ./test --oracle builds one and compares");
        if (DirectorPlay.WhyNot(OracleGuest.Read(scenario)) is { } reason) Assert.Skip(reason);
        using DirectorPlay play = OracleGuest.Play(scenario);
        KernelAnswers answers = guest.Find(scenario);
        answers.Problem.ShouldBeNull();
        IReadOnlyList<string> faults = new Comparison(play.Steps, answers.Steps!, play.IsLocal).Run();
        if (faults.Count > 0) Assert.Fail(string.Join("\n", faults));
    }
}
