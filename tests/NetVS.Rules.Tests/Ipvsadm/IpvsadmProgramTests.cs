using NetVS.Rules.Ipvsadm;

namespace NetVS.Rules.Tests.Ipvsadm;

/// <summary>The program around the grammar: contact, help, our own commands, restoring what was saved.</summary>
public sealed class IpvsadmProgramTests
{
    private readonly MemoryTarget _target = new();

    private async Task<(int Status, string Output, string Error)> Run(string line, string input = "", bool explains = false)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var program = new IpvsadmProgram(_target, NoNames.Instance, new StringReader(input), output, error) { ExplainsRefusals = explains };
        int status = await program.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return (status, output.ToString(), error.ToString());
    }

    [Theory]
    [InlineData("-Ln")]
    [InlineData("-A")]
    [InlineData("")]
    public async Task AnyCommand_WithoutDaemon_CannotInitialize(string line)
    {
        _target.IsReachable = false;
        (int status, string output, string error) = await Run(line);
        status.ShouldBe(2);
        output.ShouldBeEmpty();
        error.ShouldStartWith("Can't initialize ipvs: No such file or directory\n");
        error.ShouldContain("netvs run");
        error.Split('\n').Length.ShouldBe(3);
    }

    [Fact]
    public async Task HelpAndVersion_WithoutDaemon_Work()
    {
        _target.IsReachable = false;
        (await Run("-v")).ShouldBe((0, "ipvsadm v1.31 2019/12/24 (compiled with NetVS and IPVS v1.2.1)\n", ""));
        (int status, string output, _) = await Run("-h");
        status.ShouldBe(0);
        output.ShouldStartWith("ipvsadm v1.31 2019/12/24");
        foreach (string option in new[] { "-A", "--tun-remcsum", "--sync-maxlen", "-z", "--nosort", "--set", "\nCommands" })
            output.ShouldContain(option);
    }

    [Fact]
    public async Task LocalAddresses_Listed_HaveThePublishedLayout()
    {
        await Run("-A -t 192.0.2.10:80 -s rr");
        await Run("-A -t 192.0.2.11:80 -s rr");
        await Run("-a -t 192.0.2.10:80 -r 10.0.0.1:8080 -b");
        (await Run("-P -t 192.0.2.10:80 -z 10.0.0.200")).Status.ShouldBe(0);
        (await Run("-P -t 192.0.2.10:80 -z 10.0.0.100")).Status.ShouldBe(0);
        (await Run("-P -t 192.0.2.10:80 -z 10.0.0.100")).ShouldBe((255, "", "Local address already exists\n"));
        (await Run("-P -t 192.0.2.99:80 -z 10.0.0.100")).ShouldBe((255, "", "Service not defined\n"));
        (await Run("-Q -t 192.0.2.10:80 -z 10.0.0.1")).ShouldBe((255, "", "No such local address\n"));
        (await Run("-G -n -t 192.0.2.99:80")).ShouldBe((1, "", "No such service\n"));
        (await Run("-G -n")).Output.ShouldBe(
            "VIP:VPORT            TOTAL    SNAT_IP              CONFLICTS  CONNS     \n" +
            "192.0.2.10:80        2       \n" +
            "                              10.0.0.100           0          0         \n" +
            "                              10.0.0.200           0          0         \n");
        (await Run("-S -n")).Output.ShouldBe(
            "-A -t 192.0.2.10:80 -s rr\n" +
            "-a -t 192.0.2.10:80 -r 10.0.0.1:8080 -b -w 1\n" +
            "-P -t 192.0.2.10:80 -z 10.0.0.100\n" +
            "-P -t 192.0.2.10:80 -z 10.0.0.200\n" +
            "-A -t 192.0.2.11:80 -s rr\n");
        (await Run("-L -n -t 192.0.2.10:80")).Output.ShouldEndWith("  -> 10.0.0.1:8080                FullNat 1      0          0         \n");
    }

    [Fact]
    public async Task Save_ThenClearAndRestore_MakesTheSameRules()
    {
        const string rules =
            "-A -t 10.1.1.1:0 -s rr -p 300 -M 255.255.255.0\n" +
            "-a -t 10.1.1.1:0 -r 10.0.0.3:0 -m -w 1\n" +
            "-A -t 192.0.2.10:80 -s wlc\n" +
            "-a -t 192.0.2.10:80 -r 172.16.0.1:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum\n" +
            "-a -t 192.0.2.10:80 -r 172.16.0.2:80 -i -w 1 --tun-type gre --tun-csum\n" +
            "-a -t 192.0.2.10:80 -r 192.168.0.1:80 -i -w 1 --tun-type ipip\n" +
            "-A -u 192.0.2.10:53 -s sh -o -b sh-fallback,sh-port\n" +
            "-A -u 192.0.2.11:5060 -s rr -p 100 --pe sip -o\n" +
            "-A --sctp-service 10.1.1.1:9 -s wrr -b flag-1,flag-3\n" +
            "-A -t [2001:db8::80]:80 -s rr -p 300 -M 64\n" +
            "-A -f 8 -6 -s wlc\n" +
            "-a -f 8 -6 -r [2001:db8::a0a0]:0 -m -w 1\n";
        (await Run("-R", rules)).ShouldBe((0, "", ""));
        (await Run("-S -n")).Output.ShouldBe(rules);
    }

    [Fact]
    public async Task Refusal_ReadByAPerson_IsExplained()
    {
        await Run("-A -t 192.0.2.10:80");
        const string text = "Invalid operation.  Possibly wrong module version, address not unicast, ...\n";
        (await Run("-a -t 192.0.2.10:80 -r 224.0.0.1")).Error.ShouldBe(text);
        (await Run("-a -t 192.0.2.10:80 -r 224.0.0.1", explains: true)).Error.ShouldBe(text + "netvs: 224.0.0.1 is not unicast\n");
    }
}
