using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;

namespace NetVS.Keepalived.Tests.Language;

/// <summary>Conditions, definitions and sequences (reference §2.6 to §2.8).</summary>
public sealed class DefinitionTests
{
    private static string Id(string before, string value, string id = "main") =>
        Reading.Of($"{before}\nglobal_defs {{\nrouter_id {value}\n}}\n", id: id).Configuration.Global.RouterId!;

    [Theory]
    [InlineData("$A", "1")]
    [InlineData("${A}x", "1x")]
    [InlineData("$A/24", "$A/24")]
    [InlineData("\"$A $B\"", "1 1")]
    [InlineData("$C", "later")]
    [InlineData("$NOPE", "$NOPE")]
    [InlineData("${_INSTANCE}", "main")]
    [InlineData("a${_HASH}b${_BANG}", "a#b!")]
    [InlineData("$_PWD/x", "$_PWD/x")]
    [InlineData("${_PWD}/x", "/etc/keepalived/x")]
    public void Names_AreReplaced(string value, string expected) => Id("$A=1\n$B=$A\n$C=${D}\n$D=later  ", value).ShouldBe(expected);

    [Fact]
    public void LaterDefinition_Replaces() => Id("$A=1\n$A=2", "$A").ShouldBe("2");

    [Theory]
    [InlineData("main", 150)]
    [InlineData("other", 50)]
    public void Conditions_ChooseLines(string id, int priority)
    {
        KeepalivedReading reading = Reading.Of("$P=100\n@main $P=150\n@^main $P=50\n@main\nvrrp_instance A {\n@main  interface eth0\npriority $P\n}", id: id);
        reading.Configuration.Instances[0].Priority.ShouldBe(priority);
        reading.Configuration.Instances[0].Interface.ShouldBe(id == "main" ? "eth0" : null);
    }

    [Fact]
    public void MultiLineDefinition_IsSeveralLines_PlacedWhereItIsUsed()
    {
        KeepalivedReading reading = Reading.Of("$BODY= \\\n interface eth0 \\\n virtual_router_id 51 \\\n  priority 300\nvrrp_instance A {\n $BODY\n ${BODY}\n nosuch $BODY x\nvirtual_ipaddress { 10.0.0.1\n}\n}");
        reading.Configuration.Instances[0].Interface.ShouldBe("eth0");
        reading.Configuration.Instances[0].RouterId.ShouldBe(51);
        reading.Problems.Select(p => $"{p.Position} {p.Definition}").ShouldBe(["t.conf:6:2 t.conf:4:3", "t.conf:7:2 t.conf:4:3", "t.conf:8:2 "]);
    }

    [Fact]
    public void WrongValueOutOfADefinition_NamesBothPlaces()
    {
        KeepalivedReading reading = Reading.Of("$P=300\nvrrp_instance A {\ninterface eth0\nvirtual_router_id 1\n priority  $P\nvirtual_ipaddress { 10.0.0.1\n}\n}");
        reading.Problems.Single().Position.ShouldBe(new SourcePosition("t.conf", 5, 12));
        reading.Problems.Single().Definition.ShouldBe(new SourcePosition("t.conf", 1, 4));
    }

    [Theory]
    [InlineData("$A=$A", "router_id $A")]
    [InlineData("$A=${B}\n$B=x${A}", "router_id $A")]
    [InlineData("$A=${B}${B}\n$B=${C}${C}\n$C=${D}${D}\n$D=${E}${E}\n$E=${F}${F}\n$F=${G}${G}\n$G=${H}${H}\n$H=${I}${I}\n$I=${J}${J}\n$J=${K}${K}\n$K=x", "router_id $A")]
    public void EndlessDefinition_IsReported(string definitions, string line) =>
        Reading.Of($"{definitions}\nglobal_defs {{\n{line}\n}}\n").Problems[0].Message.ShouldContain("has no end");

    [Fact]
    public void MultiLineDefinitionOfItself_IsReported() =>
        Reading.Of("$A= \\\n $A \\\n $A\n$A\n").Problems[0].Message.ShouldContain("has no end");

    [Fact]
    public void UndefinedName_IsReported_ForItsBracesAreABlocks()
    {
        KeepalivedReading reading = Reading.Of("global_defs {\n router_id ${X}\n}\n");
        reading.Problems[0].Message.ShouldBe("${X} is not defined: its braces are read as a block's");
        reading.Problems.Select(p => p.Message).ShouldContain("Unknown keyword 'X'");
    }

    [Theory]
    [InlineData("~SEQ(N, 3) a${N}", "a1 a2 a3")]
    [InlineData("~SEQ(N, -2) a$N", "a-1 a-2")]
    [InlineData("~SEQ(N, 2) a$N/24", "a$N/24 a$N/24")]
    [InlineData("~SEQ(N, -2) a${N}", "a-1 a-2")]
    [InlineData("~SEQ(N, 8, 10) $N", "8 9 10")]
    [InlineData("~SEQ(N, 5, -2, 1) ${N}", "5 3 1")]
    [InlineData("~SEQx(N, 0x0e, 1, 0x11) ${N}", "e f 10 11")]
    [InlineData("~SEQ(N, 010, 9) ${N}", "8 9")]
    [InlineData("~LST(A, x, y) ${A}", "x y")]
    [InlineData("~LST({A,B}, {1,2},{3,4},{5}) ${A}-${B}", "1-2 3-4 5-")]
    [InlineData("~LST(A, x, y) ~SEQ(B, 1, 2) ${A}${B}", "x1 x2 y1 y2")]
    [InlineData("~SEQ(N, 2, 1) ~SEQ(M, 1) ${N}${M}", "21 11")]
    public void Sequences_RepeatTheirLine(string line, string expected) =>
        string.Join(' ', Reading.Of($"global_defs {{\nnotification_email {{\n{line}\n}}\n}}").Configuration.Global.Mail.Recipients).ShouldBe(expected);

    [Theory]
    [InlineData("~SEQ(N, 1, 2, 0) x")]
    [InlineData("~SEQ(N, 5, 1, 1) x")]
    [InlineData("~SEQ(N) x")]
    [InlineData("~SEQ(1, 2) x")]
    [InlineData("~SEQ(N, x) x")]
    [InlineData("~SEQ N 1 2")]
    [InlineData("~SEQy(N, 1) x")]
    [InlineData("~LST(A) x")]
    public void WrongSequences_AreReported(string line)
    {
        KeepalivedReading reading = Reading.Of($"global_defs {{\nnotification_email {{\n{line}\n}}\n}}");
        reading.Problems.Single().Message.ShouldStartWith("Invalid ~");
        reading.Problems.Single().Position.ShouldBe(new SourcePosition("t.conf", 3, 1));
        reading.ExitStatus.ShouldBe(5);
    }

    [Fact]
    public void EndlessSequence_IsCut()
    {
        KeepalivedReading reading = Reading.Of("global_defs {\n~SEQ(A, 2000000000) ~SEQ(B, 2000000000) vrrp_strict\n}\nnosuch\n");
        reading.Problems[0].Message.ShouldBe("sequences and definitions make more than 1000000 lines, or 256 Mi characters: the rest of them is left out");
        reading.Problems[1].Message.ShouldBe("Unknown keyword 'nosuch'");
    }

    [Fact]
    public void Random_IsTheSameForASeed()
    {
        string text = "global_defs {\nrandom_seed 7\nrouter_id ${_RANDOM 10 99}\n}\n";
        string first = Reading.Of(text).Configuration.Global.RouterId!;
        int.Parse(first).ShouldBeInRange(10, 99);
        Reading.Of(text).Configuration.Global.RouterId.ShouldBe(first);
    }

    [Fact]
    public void MultiLineDefinition_AtTheEndOfTheFile_Ends() => Reading.Clean("$A=x \\\n");

    [Fact]
    public void Positions_PassThroughIncludesAndSequences()
    {
        VirtualServerGroup group = Reading.Of(new MemoryFiles(("t.conf", "virtual_server_group g {\n  include in.conf\n}\n"), ("in.conf", "\n ~SEQ(N, 2)  10.0.0.${N} 80\n"))).Configuration.VirtualServerGroups[0];
        group.Entries.Select(e => e.Position).ShouldAllBe(p => p == new SourcePosition("in.conf", 2, 14));
        group.Entries.Select(e => e.First.ToString()).ShouldBe(["10.0.0.1", "10.0.0.2"]);
    }
}
