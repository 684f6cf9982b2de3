using NetVS.Golden.Running;

namespace NetVS.Golden.Oracle;

/// <summary>The comparison itself, on answers that are made up: what is the same passes, what is not is found.</summary>
public sealed class ComparisonTests
{
    private static readonly string[] s_fixture =
    [
        "rules   -A -t 10.0.0.1:80 -s rr",
        "        -a -t 10.0.0.1:80 -r 192.168.1.10:8080 -m",
        "0 s     in   eth0 ipv4 203.0.113.7 > 10.0.0.1 tcp 40000 > 80 S",
        "        in   eth0 ipv4 203.0.113.7 > 10.0.0.1 tcp 40000 > 81 S",
        "2 s     ipvsadm -L -n --stats",
        "counters",
    ];

    [Fact]
    public void Run_OnTheSame_FindsNothing() => Compare(s_fixture, static a => a).ShouldBeEmpty();

    [Theory]
    [InlineData(2, "02000000001002", "02000000001102", "sends")]
    [InlineData(2, "C0A8010A 1F90 SYN_RECV", "C0A8010B 1F90 SYN_RECV", "which the kernel has not")]
    [InlineData(2, "SYN_RECV         60", "SYN_RECV         58", "which the kernel has not")]
    [InlineData(2, "Masq    1      1          0", "Masq    1      0          1", "lists")]
    [InlineData(4, "192.168.1.10:8080", "192.168.1.10:8081", "--stats: lists")]
    [InlineData(5, "       1        1        0               28", "       1        2        0               28", "counted")]
    public void Run_OnSomethingElse_FindsIt(int step, string ours, string theirs, string fault)
    {
        IReadOnlyList<string> faults = Compare(s_fixture, a => a with { Text = a.Step == step ? a.Text.Replace(ours, theirs, StringComparison.Ordinal) : a.Text });
        faults.ShouldContain(f => f.Contains(fault, StringComparison.Ordinal), string.Join("\n", faults));
    }

    [Fact]
    public void Run_OnAStackThatGetsNothing_FindsIt() =>
        Compare(s_fixture, static a => a with { HasStack = false }).ShouldHaveSingleItem().ShouldContain("goes to the stack, but not in the kernel");

    [Fact]
    public void Run_OnAnExcuseThatIsNotNeeded_FindsIt() =>
        Compare([.. s_fixture[..3], "        differs timer-wheel", .. s_fixture[3..]], static a => a).ShouldHaveSingleItem().ShouldContain("is not needed");

    [Fact]
    public void Run_OnAnExcusedDifference_FindsNothing() => Compare(
        [.. s_fixture[..3], "        differs timer-wheel", .. s_fixture[3..]],
        static a => a with { Text = a.Step == 2 ? a.Text.Replace("SYN_RECV         60", "SYN_RECV         50", StringComparison.Ordinal) : a.Text }).ShouldBeEmpty();

    [Theory]
    [InlineData("1-3 eth0 a % b @", "eth0 a 1 b 1|eth0 a 2 b 2|eth0 a 3 b 3")]
    [InlineData("8:S,F.,R eth0 40@ %", "eth0 408 S|eth0 409 F.|eth0 4010 R")]
    public void Expand_OfARangeAndOfWords_GivesEach(string text, string expected) => string.Join('|', EachFrame.Expand(text)).ShouldBe(expected);

    private static IReadOnlyList<string> Compare(string[] lines, Func<Answer, Answer> change)
    {
        using var play = new DirectorPlay(
            FixtureFile.Parse("test.scenario", lines), File.ReadAllText(Path.Combine(GoldenTests.Folder(), "standard.network")));
        play.Play();
        return new Comparison(play.Steps, [.. play.Steps.Select((s, i) => change(new Answer(i, TextOf(s), true)).ToKernel(s))], play.IsLocal).Run();
    }

    // All parts of an answer in one text, so that a test can change any of them.
    private static string TextOf(PlayedStep step) => string.Join('\f',
        string.Join(' ', step.Outcomes.Where(o => o.Keyword == "out").Select(o => $"{o.Interface} {Convert.ToHexStringLower(FrameText.Finished(o))}")),
        step.Output, step.Services, step.Connections, "  ~ " + step.Statistics.Split('\n').ElementAtOrDefault(2));

    private sealed record Answer(int Step, string Text, bool HasStack)
    {
        public KernelAnswer ToKernel(PlayedStep step)
        {
            string[] parts = Text.Split('\f');
            string[] frame = parts[0].Split(' ');
            string[] stack = [.. step.Outcomes.Where(o => HasStack && o.Keyword == "stack").Select(o => Convert.ToHexStringLower(FrameText.Ip(o.Frame)))];
            return new KernelAnswer(
                frame.Length == 2 ? [new KernelFrame(frame[0], frame[1])] : [], [], [], stack, parts[1], step.Error, step.Status, parts[2], parts[3], parts[4]);
        }
    }
}
