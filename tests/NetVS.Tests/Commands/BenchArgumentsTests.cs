using NetVS.Bench;
using NetVS.Commands;

namespace NetVS.Tests.Commands;

public sealed class BenchArgumentsTests
{
    private static BenchArguments Parse(params string[] words)
    {
        BenchArguments.Parse(words, "netvs", out BenchArguments arguments).ShouldBeNull();
        return arguments;
    }

    [Fact]
    public void Parse_Nothing_IsEverything()
    {
        BenchOptions options = Parse().Options;

        options.Parts.ShouldBe(BenchOptions.AllParts);
        options.Variants.ShouldBe(BenchOptions.AllVariants);
        options.Sizes.ShouldBe([1, 1000, 100_000, 1_000_000]);
        options.Repetitions.ShouldBe(3);
        options.Duration.ShouldBe(TimeSpan.FromSeconds(3));
        options.Program.ShouldBe("netvs");
    }

    [Fact]
    public void Parse_Options_AreTaken()
    {
        BenchArguments arguments = Parse(
            "bulk", "packets", "--repetitions", "5", "--duration=2", "--sizes", "1000,1", "--netvs", "tc,xdp", "--markdown", "--save", "a.json", "--svg", "b.svg");

        arguments.Options.Parts.ShouldBe(["packets", "bulk"]);
        arguments.Options.Repetitions.ShouldBe(5);
        arguments.Options.Duration.ShouldBe(TimeSpan.FromSeconds(2));
        arguments.Options.Sizes.ShouldBe([1, 1000]);
        arguments.Options.Variants.ShouldBe(["tc", "xdp"]);
        (arguments.IsMarkdown, arguments.IsJson, arguments.SaveFile, arguments.PlotFile, arguments.FromFile).ShouldBe((true, false, "a.json", "b.svg", null));
    }

    [Fact]
    public void Parse_QuickWithMore_GivesWayToIt()
    {
        BenchOptions options = Parse("--duration", "2", "--quick").Options;

        options.Repetitions.ShouldBe(1);
        options.Duration.ShouldBe(TimeSpan.FromSeconds(2));
        options.Sizes.ShouldBe([1000]);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("help")]
    public void Parse_Help_IsWanted(string word)
    {
        Parse(word).WantsHelp.ShouldBeTrue();
        foreach (string part in BenchOptions.AllParts) BenchArguments.Usage.ShouldContain($"  {part} ");
    }

    [Theory]
    [InlineData("nothing", "no part 'nothing'")]
    [InlineData("--link=af_xdp", "unknown option")]
    [InlineData("--sizes=0", "--sizes")]
    [InlineData("--sizes=1,,2", "--sizes")]
    [InlineData("--sizes=9000000", "--sizes")]
    [InlineData("--duration=0", "--duration")]
    [InlineData("--repetitions=x", "--repetitions")]
    [InlineData("--netvs=fast", "'fast'")]
    [InlineData("--svg", "needs a value")]
    [InlineData("--json --markdown", "do not go together")]
    public void Parse_Nonsense_IsSaid(string words, string part) =>
        BenchArguments.Parse(words.Split(' '), "netvs", out _).ShouldNotBeNull().ShouldContain(part);
}
