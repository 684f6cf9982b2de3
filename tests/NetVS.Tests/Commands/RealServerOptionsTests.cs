using NetVS.Commands;
using NetVS.Packets;
using NetVS.Testing.Namespaces;

namespace NetVS.Tests.Commands;

public sealed class RealServerOptionsTests
{
    [Fact]
    public void Parse_OfEveryOption_TakesIt()
    {
        RealServerOptions.Parse(
            ["setup", "--method=tun", "--vip", "192.0.2.1,2001:db8::1", "-v", "192.0.2.2", "-i", "eth0,eth1", "--from", "198.51.100.0/24,2001:db8::9", "--gue-port", "5555", "-n"],
            out RealServerOptions options).ShouldBeNull();
        options.Action.ShouldBe("setup");
        options.Method.ShouldBe("tun");
        options.Vips.ShouldBe([IpAddress.Parse("192.0.2.1"), IpAddress.Parse("2001:db8::1"), IpAddress.Parse("192.0.2.2")]);
        options.Interfaces.ShouldBe(["eth0", "eth1"]);
        options.From.ShouldNotBeNull().Select(f => f.ToString()).ShouldBe(["198.51.100.0/24", "2001:db8::9"]);
        options.GuePort.ShouldBe((ushort)5555);
        options.IsDryRun.ShouldBeTrue();
    }

    [Fact]
    public void From_NotGiven_IsNotTheSameAsAny()
    {
        RealServerOptions.Parse(["setup", "-m", "fullnat"], out RealServerOptions none).ShouldBeNull();
        none.From.ShouldBeNull();
        none.ControlGroup.ShouldBe("/");
        RealServerOptions.Parse(["setup", "-m", "fullnat", "--from", "any", "--cgroup", "/web"], out RealServerOptions any).ShouldBeNull();
        any.From.ShouldNotBeNull().ShouldBeEmpty();
        any.ControlGroup.ShouldBe("/web");
    }

    [Theory]
    [InlineData("", "say setup, undo or status")]
    [InlineData("prepare", "unknown action 'prepare'")]
    [InlineData("setup", "no method given")]
    [InlineData("setup --method", "--method needs a value")]
    [InlineData("setup --method nat --vip 192.0.2.1", "unknown method 'nat'")]
    [InlineData("setup --method dr", "no VIP given")]
    [InlineData("setup --method dr --vip web", "--vip web: not an IP address")]
    [InlineData("setup --method dr --vip 192.0.2.1/32", "--vip 192.0.2.1/32: not an IP address")]
    [InlineData("setup --method dr --vip 192.0.2.1 --force", "unknown argument '--force'")]
    [InlineData("setup --method dr --vip 192.0.2.1 --from 192.0.2.9", "--from is for --method tun and fullnat")]
    [InlineData("setup --method tun --vip 192.0.2.1 --from eth0", "--from eth0: neither an IP address nor a range")]
    [InlineData("setup --method tun --vip 192.0.2.1 --cgroup /web", "--cgroup is for --method fullnat")]
    [InlineData("setup --method tun --vip 192.0.2.1 --gue-port 65536", "--gue-port 65536: not a UDP port")]
    [InlineData("setup --method dr --vip 192.0.2.1 --gue-port 6080", "--gue-port is for --method tun, not for dr")]
    [InlineData("setup --method fullnat --interface eth0", "--interface is for --method dr and tun")]
    [InlineData("status --interface eth0", "no method given")]
    public void Parse_OfBadArguments_SaysWhatIsWrong(string arguments, string problem) =>
        RealServerOptions.Parse(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), out _).ShouldNotBeNull().ShouldStartWith(problem);

    [Theory]
    [InlineData("--help", 0)]
    [InlineData("setup", 2)]
    public async Task Run_WithoutTouchingTheHost_AnswersItsStatus(string arguments, int status) =>
        (await RealServerCommand.Command.RunAsync(arguments.Split(' '))).ShouldBe(status);

    [Fact]
    public async Task Status_OfAHostNeverSetUp_SaysSo()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "looking at a network namespace needs root");
        using NetworkNamespace host = NetworkNamespace.Create("real");
        host.Ip("link add v0 type veth peer name v1");
        using NetVSProgram nothing = NetVSProgram.Start("/nonexistent", host.Name, ["realserver", "status"]);
        (await nothing.WaitAsync()).ShouldBe(1, nothing.Error);
        nothing.Output.ShouldStartWith("! nothing was set up on this host");
        using NetVSProgram group = NetVSProgram.Start("/nonexistent", host.Name, ["realserver", "status", "--cgroup", "/nonexistent"]);
        (await group.WaitAsync()).ShouldBe(1, group.Output);
        group.Error.ShouldContain("control group /nonexistent: ");
        using NetVSProgram plain = NetVSProgram.Start("/nonexistent", host.Name, ["realserver", "status", "--method", "dr", "--vip", "192.0.2.9"]);
        (await plain.WaitAsync()).ShouldBe(1, plain.Error);
        plain.Output.ShouldContain("! missing: address 192.0.2.9/32 dev lo\n");
    }
}
