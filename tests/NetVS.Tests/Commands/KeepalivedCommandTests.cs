using System.Text.Json;
using NetVS.Tests.Api;

namespace NetVS.Tests.Commands;

/// <summary><c>netvs check -f</c> and <c>netvs plan -f</c> with a keepalived.conf.</summary>
public sealed class KeepalivedCommandTests : IDisposable
{
    private const string Web =
        """
        $VIP=192.0.2.1
        include servers/*.conf
        """;

    private const string Server =
        """
        virtual_server ${VIP} 80 {
          protocol TCP
          lvs_sched rr
          lvs_method NAT
          real_server 10.0.0.1 8080 {
            weight 3
          }
        }
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("netvs-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private Task<(int Status, string Output, string Error)> Run(params string[] arguments) => NetVSProgram.RunAsync(Path.Combine(_directory, "netvs.sock"), arguments);

    private string Write(string text, string name = "keepalived.conf")
    {
        string file = Path.Combine(_directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return file;
    }

    [Fact]
    public async Task Check_OfAGoodFile_IsSilent()
    {
        Write(Server, "servers/a.conf");
        (await Run("check", "-f", Write(Web))).ShouldBe((0, "", ""));
    }

    [Fact]
    public async Task Check_OfABadFile_PrintsEveryProblem()
    {
        string file = Write("global_defs {\n vrrp_version 9\n nosuch 1\n}\nvirtual_server 192.0.2.1 80 {\n protocol SCTP\n lvs_sched rr\n lvs_method DR\n real_server 10.0.0.1 80 {\n }\n}\n");
        (int status, string output, string error) = await Run("check", "-f", file);
        status.ShouldBe(5);
        output.ShouldBeEmpty();
        error.ShouldBe(
            $"{file}:2:15: error: VRRP Error: Version must be either 2 or 3\n    number '9' outside range [2, 3]\n" +
            $"{file}:3:2: error: Unknown keyword 'nosuch'\n    advice: take it out, or see the list of keywords in docs/keepalived.md\n" );
    }

    [Fact]
    public async Task CheckAndPlan_NameWhatVrrpRefuses()
    {
        string file = Write("vrrp_instance A {\n interface lo0\n virtual_router_id 1\n use_vmac_addr\n debug 2\n virtual_ipaddress { 192.0.2.1\n }\n}\n");
        string refused = $"{file}:1:1: error: (A) use_vmac_addr is not supported\n", idle = $"{file}:5:2: not supported yet: 'debug' has no effect in NetVS\n";
        (int status, _, string error) = await Run("check", "-f", file, "--offline");
        status.ShouldBe(5);
        error.ShouldContain(refused);
        error.ShouldContain(idle);
        error = (await Run("plan", "-f", file)).Error;
        error.ShouldContain(refused);
        error.ShouldContain(idle);
    }

    [Fact]
    public async Task Check_OfASyncDaemonWithoutAnyInstance_IsAnError() =>
        (await Run("check", "-f", Write("global_defs {\n lvs_sync_daemon eth0 inst VI\n}\n"))).Status.ShouldBe(5);

    [Fact]
    public async Task Check_AsJson_IsOneObject()
    {
        string file = Write("nosuch\n");
        (int status, string output, string error) = await Run("check", "-f", file, "--format", "json");
        status.ShouldBe(5);
        error.ShouldBeEmpty();
        using JsonDocument json = JsonDocument.Parse(output);
        json.RootElement.GetProperty("exitStatus").GetInt32().ShouldBe(5);
        json.RootElement.GetProperty("problems")[0].GetProperty("message").GetString().ShouldBe("Unknown keyword 'nosuch'");
    }

    [Fact]
    public async Task Check_LooksAtThisHost_UnlessOffline()
    {
        string file = Write("vrrp_instance A {\n interface nosuch9\n virtual_router_id 1\n @one notify /bin/true\n virtual_ipaddress { 192.0.2.1\n }\n}\n");
        (await Run("check", "-f", file)).Error.ShouldContain("WARNING - interface nosuch9 for vrrp_instance A doesn't exist");
        (int status, _, string error) = await Run("check", "-f", file, "--offline", "-i", "one");
        status.ShouldBe(0, error);
        error.ShouldBeEmpty();
        Write(File.ReadAllText(file).Replace("nosuch9", "lo0", StringComparison.Ordinal).Replace("interface lo0\n", "unicast_src_ip 192.0.2.9\n unicast_peer { 192.0.2.10\n }\n", StringComparison.Ordinal));
        (await Run("check", "-f", file, "-i", "one")).Status.ShouldBe(6, "a script without script security");
    }

    [Theory]
    [InlineData("/nonexistent/file", "does not exist")]
    [InlineData("/", "is a directory")]
    [InlineData("/dev/null", "is not a regular non-executable file")]
    [InlineData("/bin/sh", "is not a regular non-executable file")]
    public async Task Check_OfWhatIsNoFile_Fails(string file, string message)
    {
        (int status, _, string error) = await Run("check", "-f", file);
        status.ShouldBe(1);
        error.ShouldContain(message);
    }

    [Fact]
    public async Task Plan_OfAKeepalivedConf_ShowsItsRules_AndWhatIsLeftOut()
    {
        await using TestDaemon daemon = await TestDaemon.StartAsync();
        Write(Server, "servers/a.conf");
        Write(Server.Replace(" 80 {", " 81 {", StringComparison.Ordinal).Replace("weight 3", "TCP_CHECK {\n}", StringComparison.Ordinal), "servers/b.conf");
        Write(Server.Replace(" 80 {", " 82 {\npersistence_timeout 50", StringComparison.Ordinal), "servers/c.conf");
        Write(Server.Replace("TCP", "SCTP", StringComparison.Ordinal), "servers/d.conf");
        Write(Server.Replace("${VIP} 80 {", "fwmark 7 {", StringComparison.Ordinal).Replace("  protocol TCP\n", "", StringComparison.Ordinal), "servers/e.conf");
        (int status, string output, string error) = await NetVSProgram.RunAsync(daemon.SocketPath, "plan", "-f", Write(Web));
        status.ShouldBe(0, error);
        output.ShouldBe(
            "-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.1:8080 -m -w 3\n" +
            "-A -t 192.0.2.1:81 -s rr\n-a -t 192.0.2.1:81 -r 10.0.0.1:8080 -m -w 1\n" +
            "-A -t 192.0.2.1:82 -s rr -p 50\n-a -t 192.0.2.1:82 -r 10.0.0.1:8080 -m -w 3\n" +
            "-A --sctp-service 192.0.2.1:80 -s rr\n-a --sctp-service 192.0.2.1:80 -r 10.0.0.1:8080 -m -w 3\n" +
            "-A -f 7 -s rr\n-a -f 7 -r 10.0.0.1:8080 -m -w 3\n");
        error.ShouldBeEmpty();
    }
}
