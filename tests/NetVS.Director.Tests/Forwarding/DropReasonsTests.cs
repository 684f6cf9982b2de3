using NetVS.Director.Forwarding;

namespace NetVS.Director.Tests.Forwarding;

public sealed class DropReasonsTests
{
    [Fact]
    public void EveryReason_HasANameAndASentence()
    {
        foreach (DropReason reason in DropReasons.All)
        {
            DropReasons.Name(reason).ShouldMatch("^[a-z][a-z0-9_]+$");
            DropReasons.Explain(reason).ShouldEndWith(".");
        }
    }

    [Fact]
    public void Reasons_HaveDifferentSentences()
    {
        DropReasons.All.Select(DropReasons.Explain).Distinct().Count().ShouldBe(DropReasons.All.Count);
    }

    [Theory]
    [InlineData("ttl_expired", DropReason.TtlExpired)]
    [InlineData("TtlExpired", DropReason.TtlExpired)]
    [InlineData("local_ports_exhausted", DropReason.LocalPortsExhausted)]
    public void TryFind_ByEitherSpelling_Finds(string name, DropReason expected)
    {
        DropReasons.TryFind(name, out DropReason reason).ShouldBeTrue();
        reason.ShouldBe(expected);
    }

    [Fact]
    public void TryFind_UnknownName_FindsNothing() => DropReasons.TryFind("other", out _).ShouldBeFalse();

    [Fact]
    public void EveryReason_HasItsCureInTheDocuments()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NetVS.slnx"))) folder = Path.GetDirectoryName(folder);
        string document = File.ReadAllText(Path.Combine(folder.ShouldNotBeNull(), "docs", "troubleshooting.md"));
        foreach (DropReason reason in DropReasons.All.Where(r => r != DropReason.None))
            document.ShouldContain($"`{DropReasons.Name(reason)}`");
    }

    private enum Silent : byte { First }

    [Fact]
    public void ReasonTable_MemberWithoutSentence_Refuses() =>
        Should.Throw<InvalidOperationException>(() => new ReasonTable<Silent>()).Message.ShouldContain("Silent.First");
}
