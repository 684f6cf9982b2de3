using NetVS.Packets;
using NetVS.Rules.Ipvsadm;
using NetVS.Rules.Listing;
using NetVS.Rules.RulesFile;

namespace NetVS.Rules.Tests.Ipvsadm;

/// <summary>Options that IPVS has not: written, read, saved, compared.</summary>
public sealed class ServiceOptionTests
{
    private static IpvsadmParse Parse(string line) => IpvsadmParser.Parse(line.Split(' '), NoNames.Instance);

    private static VirtualServiceRule Rule(string options) => Parse($"-A -t 192.0.2.1:80 -s sh {options}".TrimEnd()).Command.ShouldNotBeNull(options).ServiceRule!;

    [Theory]
    [InlineData("--slow-start 2m", "--slow-start 120")]
    [InlineData("--slow-start 0", "")]
    [InlineData("--stable-hash", "--stable-hash")]
    [InlineData("--udp-timeout 1h --syn-timeout 5 --tcp-timeout 1m --sctp-timeout 7 --tcpfin-timeout 2", "--tcp-timeout 60 --tcpfin-timeout 2 --syn-timeout 5 --udp-timeout 3600 --sctp-timeout 7")]
    [InlineData("--reset --over-limit reject --max-connections 5 --client-prefix 24 --max-per-client 7", "--reset --max-connections 5 --max-per-client 7 --client-prefix 24 --over-limit reject")]
    [InlineData("--over-limit drop --max-connections 0", "")]
    [InlineData("--stable-hash --slow-start=30s", "--slow-start 30 --stable-hash")]
    public void Option_IsSavedAndRestored(string given, string saved)
    {
        VirtualServiceRule rule = Rule(given);
        string line = SaveWriter.FormatService("-A", rule);
        line.ShouldBe($"-A -t 192.0.2.1:80 -s sh {saved}".TrimEnd());
        Rule(saved).ShouldBe(rule);
    }

    [Fact]
    public void EveryOption_OnlyIfItIsOneOfThese_IsKnown()
    {
        // Without options a line is ipvsadm's; the names do not meet ipvsadm's own.
        SaveWriter.FormatService("-A", Rule("")).ShouldBe("-A -t 192.0.2.1:80 -s sh");
        IpvsadmTables.OptionsOf(IpvsadmVerb.AddService).GroupBy(o => o.Long).Where(g => g.Count() > 1).Select(g => g.Key).ShouldBe(["list", "sched-flags"]);
        foreach (ServiceOptionSpec option in ServiceOptionTable.All)
        {
            IpvsadmHelp.Text.ShouldContain($"--{option.Name} ");
            option.Read(ServiceOptions.None, "nonsense").ShouldBeNull(option.Name);
            option.Read(ServiceOptions.None, "").ShouldBeNull(option.Name);
            option.Write(ServiceOptions.None).ShouldBeNull(option.Name);
        }
    }

    [Theory]
    [InlineData("-A -t 192.0.2.1:80 --slow-start x", "invalid slow-start value `x' specified")]
    [InlineData("-A -t 192.0.2.1:80 --slow-start 32d", "invalid slow-start value `32d' specified")]
    [InlineData("-E -t 192.0.2.1:80 --slow-start 1 --slow-start 1", "multiple 'slow-start' options specified")]
    [InlineData("-a -t 192.0.2.1:80 -r 10.0.0.1 --slow-start 1", "Illegal 'slow-start' option with the 'add-server' command")]
    [InlineData("-D -t 192.0.2.1:80 --stable-hash", "Illegal 'stable-hash' option with the 'delete-service' command")]
    public void WrongUse_IsRefused(string line, string text)
    {
        IpvsadmFailure failure = Parse(line).Failure.ShouldNotBeNull();
        failure.Text.ShouldBe(text);
        failure.ExitCode.ShouldBe(2);
    }

    [Fact]
    public void RulesFile_OptionWithoutEffect_IsReportedAtItsLine() =>
        RulesDocument.Parse("-A -t 192.0.2.1:80 -s rr\n-A -t 192.0.2.2:80 -s fo --slow-start 9\n", "f", NoNames.Instance).Problems.Single().ToString()
            .ShouldStartWith("f:2:1: slow-start is for schedulers that go by turns or by load");

    [Fact]
    public void Difference_OfOptionsAlone_IsAnEdit()
    {
        var before = new RuleSet([new ServiceRules(Rule(""), [], [])]);
        var after = new RuleSet([new ServiceRules(Rule("--stable-hash"), [], [])]);
        RuleSetDiff.Between(before, after).Single().ToString().ShouldBe("-E -t 192.0.2.1:80 -s sh --stable-hash");
        RuleSetDiff.Between(after, after).ShouldBeEmpty();
    }
}
