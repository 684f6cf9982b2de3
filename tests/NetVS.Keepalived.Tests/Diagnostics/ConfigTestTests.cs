using System.Text.Json;
using NetVS.Keepalived.Diagnostics;

namespace NetVS.Keepalived.Tests.Diagnostics;

/// <summary>Exit statuses (reference §2.11) and the forms in which problems are printed.</summary>
public sealed class ConfigTestTests
{
    private const string Good = "vrrp_instance A {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress { 10.0.0.1\n}\n";

    [Theory]
    [InlineData(Good + "}", 0)]
    [InlineData("", 0)]
    [InlineData(Good + "priority\nnosuch\n}", 2)]
    [InlineData(Good + "nosuch\n}", 5)]
    [InlineData(Good, 5)]
    [InlineData(Good + "notify /bin/true\n}", 6)]
    [InlineData(Good + "notify /bin/true\nnosuch\n}", 6)]
    [InlineData("global_defs {\nenable_script_security\n}\n" + Good + "notify /bin/true\n}", 0)]
    [InlineData("global_defs {\nrouter_id\n}\nincludem nosuch\n", 6)]
    public void ExitStatus_IsTheHighestClass(string text, int status) => Reading.Of(text).ExitStatus.ShouldBe(status);

    [Fact]
    public void EveryClass_HasAnExitStatus()
    {
        foreach (ProblemClass kind in Enum.GetValues<ProblemClass>())
            ConfigTest.ExitStatus(kind, hasMissingParameter: kind == ProblemClass.MissingParameter).ShouldBeOneOf(0, 2, 4, 5, 6);
        ConfigTest.ExitStatus(ProblemClass.Fatal, false).ShouldBe(4);
        ConfigTest.ExitStatus(ProblemClass.UnknownKeyword, false).ShouldBe(5);
    }

    [Fact]
    public void MissingParameter_IsReported_AndReadingGoesOn() => Reading.Of(Good + "priority\nnosuch\n}").Lines().ShouldBe([
        "6:1 *** Configuration line starting `priority` is missing a parameter after keyword `priority` at word position 2", "7:1 Unknown keyword 'nosuch'"]);

    [Fact]
    public void Text_HasCauseDefinitionAndAdvice_AndNoControlCharacters()
    {
        KeepalivedReading reading = Reading.Of("$V=9\nglobal_defs {\nvrrp_version $V\na\u001b[31m\n}\n");
        DiagnosticText.Format(reading.Problems[0]).ShouldBe("t.conf:3:14: error: VRRP Error: Version must be either 2 or 3\n    number '9' outside range [2, 3]\n    defined at t.conf:1:4");
        DiagnosticText.Format(reading.Problems[1]).ShouldStartWith("t.conf:4:1: error: Unknown keyword 'a\\x1b[31m'\n    advice: ");
    }

    [Fact]
    public void Json_HoldsEverything()
    {
        KeepalivedReading reading = Reading.Of("global_defs {\nvrrp_version 9\nnosuch\n}\n");
        using JsonDocument json = JsonDocument.Parse(DiagnosticJson.Format("t.conf", reading.ExitStatus, reading.Problems, 3));
        JsonElement root = json.RootElement;
        (root.GetProperty("file").GetString(), root.GetProperty("exitStatus").GetInt32(), root.GetProperty("omitted").GetInt32()).ShouldBe(("t.conf", 5, 3));
        JsonElement first = root.GetProperty("problems")[0];
        (first.GetProperty("line").GetInt32(), first.GetProperty("column").GetInt32(), first.GetProperty("severity").GetString(), first.GetProperty("class").GetString())
            .ShouldBe((2, 14, "error", "General"));
        first.GetProperty("also")[0].GetString().ShouldBe("number '9' outside range [2, 3]");
        root.GetProperty("problems")[1].GetProperty("advice").GetString().ShouldNotBeNull();
    }

    [Fact]
    public void ScriptSecurity_IsAskedOfBothSides()
    {
        string server = "virtual_server 10.0.0.1 80 {\nprotocol TCP\nlvs_sched rr\nlvs_method NAT\nquorum_up /bin/true\nreal_server 10.0.0.2 80 {\n}\n}\n";
        Reading.Of(server).Lines().ShouldBe(["5:11 SECURITY VIOLATION - check scripts are being executed but script_security not enabled."]);
        Reading.Of(server.Replace("/bin/true", "/nosuch", StringComparison.Ordinal)).ExitStatus.ShouldBe(0);
    }
}
