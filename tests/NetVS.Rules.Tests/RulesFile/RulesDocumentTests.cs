using NetVS.Packets;
using NetVS.Rules.Ipvsadm;
using NetVS.Rules.RulesFile;

namespace NetVS.Rules.Tests.RulesFile;

/// <summary>Rules files: what they may hold, and where every problem is.</summary>
public sealed class RulesDocumentTests
{
    private static RulesDocument Parse(string text) => RulesDocument.Parse(text, "site.rules", NoNames.Instance);

    [Fact]
    public void Document_WithCommentsAndEmptyLines_GivesTheRules()
    {
        RulesDocument document = Parse("""
            # web
            -A -t 192.0.2.1:80 -s rr   # round robin

              ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.1:8080 -b -w 2
            -P -t 192.0.2.1:80 -z 10.0.0.200
            """);
        document.Problems.ShouldBeEmpty();
        ServiceRules service = document.Rules.Services.ShouldHaveSingleItem();
        service.Rule.Scheduler.ShouldBe("rr");
        service.Destinations.ShouldHaveSingleItem().Method.ShouldBe(ForwardingMethod.FullNat);
        service.LocalAddresses.ShouldBe([IpAddress.Parse("10.0.0.200")]);
    }

    [Fact]
    public void Document_WithManyProblems_ReportsThemAllWithTheirPlaces()
    {
        RulesDocument document = Parse(
            "-A -t 192.0.2.1:80 -s rr\r\n" +
            "-A -t 192.0.2.1:80 -s wrr\n" +
            "-a -t 192.0.2.2:80 -r 10.0.0.1\n" +
            "   -a -t 192.0.2.1:80   -r 10.0.0.1 -w x\n" +
            "-a -t 192.0.2.1:80 -r 10.0.0.1\n" +
            "-a -t 192.0.2.1:80 -r 10.0.0.1\n" +
            "-D -t 192.0.2.1:80\n" +
            "virtual_server\n" +
            "-A -t 192.0.2.3:80 --sched rr\n" +
            "-a -t 192.0.2.1:80 -r 10.0.0.2 -x 1 -y 2\n" +
            "-A -t 192.0.2.4:80 -n\n" +
            "-P -t 192.0.2.1:80 -z 10.0.0.9\n" +
            "-P -t 192.0.2.1:80 -z 10.0.0.9\n");
        document.Problems.Select(p => p.ToString()).ShouldBe(
        [
            "site.rules:2:1: service TCP 192.0.2.1:80 is already defined on line 1",
            "site.rules:3:1: service TCP 192.0.2.2:80 is not defined: its -A line must come first",
            "site.rules:4:37: illegal weight specified",
            "site.rules:6:1: server 10.0.0.1:80 of TCP 192.0.2.1:80 is already defined on line 5",
            "site.rules:7:1: '-D' does not belong in a rules file: only -A, -a, -P and mark do",
            "site.rules:8:1: 'virtual_server' is no command: a line begins with -A, -a, -P or mark",
            "site.rules:9:20: --sched: unknown option",
            "site.rules:10:1: the lower threshold (-y) is above the upper one (-x)",
            "site.rules:11:20: Illegal 'numeric' option with the 'add-service' command",
            "site.rules:13:1: local address 10.0.0.9 of TCP 192.0.2.1:80 is already defined on line 12",
        ]);
    }

    [Fact]
    public void Blame_OfARefusedStep_NamesItsLine()
    {
        RulesDocument document = Parse("# x\n-A -t 192.0.2.1:80 -s nosuch\n-a -t 192.0.2.1:80 -r 224.0.0.1\n");
        IReadOnlyList<RuleChange> steps = RuleSetDiff.Between(RuleSet.Empty, document.Rules);
        document.Blame(steps[0], RuleStatus.ENOENT).ToString().ShouldBe("site.rules:2:1: Scheduler or persistence engine not found");
        document.Blame(steps[1], new RuleResult(RuleStatus.EINVAL, "not unicast")).ToString()
            .ShouldBe("site.rules:3:1: not unicast");
    }

    [Fact]
    public void Document_OfNoise_ReportsAndNeverThrows()
    {
        int seed = int.Parse(Environment.GetEnvironmentVariable("NETVS_TEST_SEED") ?? "11");
        var random = new Random(seed);
        for (int round = 0; round < 500; round++)
        {
            var noise = new char[random.Next(200)];
            for (int i = 0; i < noise.Length; i++) noise[i] = (char)random.Next(random.Next(2) == 0 ? 128 : 0xFFFF);
            Should.NotThrow(() => Parse(new string(noise)), $"NETVS_TEST_SEED={seed}");
        }
    }
}
