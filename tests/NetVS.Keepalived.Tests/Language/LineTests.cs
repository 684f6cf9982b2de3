using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;

namespace NetVS.Keepalived.Tests.Language;

/// <summary>Comments, words, quotes and braces (reference §2.2 to §2.5).</summary>
public sealed class LineTests
{
    private static string? RouterId(string line) => Reading.Of($"global_defs {{\n{line}\n}}\n").Configuration.Global.RouterId;

    [Theory]
    [InlineData("router_id a#b", "a")]
    [InlineData("router_id a!b", "a")]
    [InlineData("router_id a\\#b", "a#b")]
    [InlineData("router_id a\\!b # c", "a!b")]
    [InlineData("router_id \"a # b\"", "a # b")]
    [InlineData("router_id 'a", "'a")]
    [InlineData("router_id \"{a}\" # }", "{a}")]
    [InlineData("  router_id\ta b c\r", "a")]
    [InlineData("router_id a;b", "a;b")]
    [InlineData("router_id \"ab\"cd", "ab")]
    [InlineData("router_id ab\"cd\"", "ab")]
    [InlineData("router_id \"\"", "")]
    public void Words_AreSeparatedByBlanksAndQuotes(string line, string expected) => RouterId(line).ShouldBe(expected);

    [Fact]
    public void Braces_SplitAnywhere()
    {
        KeepalivedReading reading = Reading.Clean("virtual_server 10.0.0.5 80{\nlvs_sched rr\nlvs_method DR\nprotocol TCP\nreal_server 10.0.0.2 80{TCP_CHECK{connect_timeout 3}}}");
        RealServer real = reading.Configuration.VirtualServers[0].RealServers[0];
        real.Checkers[0].ShouldBeOfType<TcpCheck>().Options.Times.ConnectTimeout.ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void Begin_MayStandOnTheNextLine() =>
        Reading.Clean("global_defs\n\n# text\n{\nrouter_id x\n}\n").Configuration.Global.RouterId.ShouldBe("x");

    [Fact]
    public void Positions_CountCharactersOfTheFile()
    {
        Reading.Of("global_defs {\n\t vrrp_version   \"9\" # c\n}\n").Lines()
            .ShouldBe(["2:18 VRRP Error: Version must be either 2 or 3 | number '9' outside range [2, 3]"]);
        Reading.Of("global_defs { vrrp_version 9 }").Lines()[0].ShouldStartWith("1:28 ");
        Reading.Of("global_defs {\n a\\#b\\!c d\n}").Lines()[0].ShouldBe("2:2 Unknown keyword 'a#b!c'");
        Reading.Of("global_defs {\n \"é\" nosuch\n}").Lines()[0].ShouldBe("2:2 Unknown keyword 'é'");
    }

    [Fact]
    public void UnmatchedQuote_IsOneProblem()
    {
        KeepalivedReading reading = Reading.Of("global_defs {\n router_id \"abc\n vrrp_version 3\n}");
        reading.Lines().ShouldBe(["2:12 Unterminated quote 'router_id \"abc' | Unmatched quote: 'router_id \"abc'"]);
        reading.ExitStatus.ShouldBe(5);
        reading.Configuration.Global.Vrrp.Version.ShouldBe(3);
    }

    [Fact]
    public void MissingEnd_NamesTheBlock()
    {
        KeepalivedReading reading = Reading.Of("global_defs {\n notification_email {\n a@b\n");
        reading.Problems.Count.ShouldBe(1);
        reading.Problems[0].Message.ShouldBe("There are 2 missing '}'s or extra '{'s");
        reading.Problems[0].Advice.ShouldBe("the block that begins at t.conf:2:21 is not closed");
    }

    [Fact]
    public void UnknownBlock_LeaksIntoTheOneAround_AsInKeepalived()
    {
        KeepalivedReading reading = Reading.Of("vrrp_instance A {\n nosuch {\n priority 7\n }\n interface eth0\n}\n");
        reading.Lines().ShouldBe([
            "1:1 (A) the virtual router id must be set",
            "1:1 (A) No VIP specified; at least one is sensible",
            "2:2 Unknown keyword 'nosuch'", "2:9 Unexpected '{' - ignoring", "5:2 Unknown keyword 'interface'",
            "6:1 Unknown keyword '}'",
        ], ignoreOrder: true);
        reading.Configuration.Instances[0].Priority.ShouldBe(7);
        reading.Problems.Single(p => p.Message.Contains("'interface'", StringComparison.Ordinal)).Advice.ShouldBe("a consequence of the unknown block at t.conf:2:2: put that right first");
    }

    [Theory]
    [InlineData("vrrp_instance A {\n priorty 3\n}", "did you mean 'priority'?")]
    [InlineData("vrrp_instance A {\n lvs_sched rr\n}", "it belongs in virtual_server")]
    [InlineData("router_id x\n", "it belongs in global_defs")]
    [InlineData("qwertyuiop x\n", "take it out, or see the list of keywords in docs/keepalived.md")]
    public void UnknownKeyword_IsAdvised(string text, string advice) =>
        Reading.Of(text).Problems.First(p => p.Message.StartsWith("Unknown", StringComparison.Ordinal)).Advice.ShouldBe(advice);

    [Fact]
    public void LongLine_IsCutAsKeepalivesBufferIs()
    {
        KeepalivedReading reading = Reading.Of("global_defs {\nrouter_id " + new string('x', 1013) + "vrrp_version 3\n}");
        reading.Configuration.Global.RouterId.ShouldBe(new string('x', 1013));
        reading.Configuration.Global.Vrrp.Version.ShouldBe(3);
        reading.Lines().ShouldBe(["2:1024 the line is longer than 1023 octets: the rest is read as a line of its own"]);
        reading.ExitStatus.ShouldBe(0);
    }

    [Theory]
    [InlineData("/x/n.sh", "/x/n.sh", null)]
    [InlineData("/x/n.sh root", "/x/n.sh", "root")]
    [InlineData("\"/x/n.sh 'a b' \\\"c d\\\"\" nobody nogroup", "/x/n.sh|a b|c d", "nobody")]
    [InlineData("'/x/n.sh  a\\\\b'", "/x/n.sh|a\\b", null)]
    [InlineData("\"/x/n.sh \\\\x41\\\\x4a1 \\\\101 \\\\t|\"", "/x/n.sh|AJ1|A|\t|", null)]
    [InlineData("/x/n\\ sh", "/x/n|sh", null)]
    public void Script_IsSplitTwice(string value, string arguments, string? user)
    {
        ScriptCommand script = Reading.Of($"vrrp_instance A {{\n notify {value}\n}}").Configuration.Instances[0].Notify.All!;
        string.Join("|", script.Arguments).ShouldBe(arguments);
        script.User.ShouldBe(user);
        script.Position.ShouldBe(new SourcePosition("t.conf", 2, 9));
    }

    [Fact]
    public void ScriptWithBareArguments_IsAdvisedToQuote() =>
        Reading.Of("vrrp_instance A {\n notify_master /x/n.sh arg\n}").Problems.Single(p => p.Message.Contains("no user", StringComparison.Ordinal))
            .Advice.ShouldBe("arguments of a script need quotes: notify_master \"/x/n.sh arg\"");
}
