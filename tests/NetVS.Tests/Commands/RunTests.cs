using System.Net.Sockets;
using System.Text;
using NetVS.Testing.Namespaces;

namespace NetVS.Tests.Commands;

/// <summary>The daemon as a process: beginning, signals, ending, and what it leaves behind.</summary>
public sealed class RunTests : IDisposable
{
    private const int SIGHUP = 1;
    private const int SIGINT = 2;
    private const int SIGKILL = 9;
    private const int SIGTERM = 15;

    private readonly string _directory = Directory.CreateTempSubdirectory("netvs-test-").FullName;
    private readonly NetworkNamespace _director;

    public RunTests()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "the daemon needs root");
        _director = NetworkNamespace.Create("run");
        _director.Ip("link add v0 type veth peer name v1");
        _director.Ip("link set v0 up");
        _director.Ip("link set v1 up");
    }

    private string Socket => Path.Combine(_directory, "netvs.sock");

    public void Dispose()
    {
        _director?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private Task<NetVSProgram> StartAsync(params string[] arguments) => NetVSProgram.StartDaemonAsync(Socket, _director.Name, arguments);

    private Task<(int Status, string Output, string Error)> Ask(params string[] arguments) => NetVSProgram.RunAsync(Socket, arguments);

    private string WriteRules(string text)
    {
        string file = Path.Combine(_directory, "rules");
        File.WriteAllText(file, text);
        return file;
    }

    private void ShouldBeDetached()
    {
        string links = _director.Ip("-d link show");
        links.ShouldNotContain("xdp");
        links.ShouldNotContain("nvs");
        File.Exists(Socket).ShouldBeFalse();
        File.Exists(Socket + ".lock").ShouldBeFalse();
    }

    [Theory]
    [InlineData(SIGTERM)]
    [InlineData(SIGINT)]
    public async Task Daemon_ToldToEnd_DetachesAndExitsZero(int signal)
    {
        using NetVSProgram daemon = await StartAsync("-i", "v0", "--link", "af_xdp");
        _director.Ip("-d link show v0").ShouldContain("xdp");
        (await Ask("ipvsadm", "-A", "-t", "192.0.2.1:80")).Status.ShouldBe(0);
        (int status, string output, _) = await Ask("status");
        status.ShouldBe(0);
        output.ShouldContain("1 service, 0 real servers");
        output.ShouldContain("v0");
        daemon.Signal(signal);
        (await daemon.WaitAsync()).ShouldBe(0, daemon.Error);
        daemon.Output.ShouldBe("ready\n");
        ShouldBeDetached();
    }

    [Fact]
    public async Task Stop_ReturnsWhenEverythingIsDetached()
    {
        using NetVSProgram daemon = await StartAsync("-i", "v0", "--link", "af_packet");
        (await Ask("stop")).ShouldBe((0, "", ""));
        ShouldBeDetached();
        (await daemon.WaitAsync()).ShouldBe(0, daemon.Error);
    }

    [Fact]
    public async Task HangUp_LoadsWhatDiffers_AndNothingOfABadFile()
    {
        string file = WriteRules("-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.1 -m\n");
        using NetVSProgram daemon = await StartAsync("-i", "v0", "--rules", file);
        string loaded = (await Ask("ipvsadm", "-Sn")).Output;
        loaded.ShouldBe("-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1\n");
        WriteRules("-A -t 192.0.2.1:80 -s wrr\nnonsense\n");
        (int status, _, string error) = await Ask("reload");
        status.ShouldBe(1);
        error.ShouldContain(file + ":2:1: ");
        (await Ask("ipvsadm", "-Sn")).Output.ShouldBe(loaded);
        WriteRules("-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.2 -m\n");
        (await Ask("plan", "-f", file)).Output.ShouldBe("-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 1\n-d -t 192.0.2.1:80 -r 10.0.0.1:80\n");
        daemon.Signal(SIGHUP);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!(await Ask("ipvsadm", "-Sn")).Output.Contains("10.0.0.2", StringComparison.Ordinal)) patience.Token.ThrowIfCancellationRequested();
        (await Ask("ipvsadm", "-Sn")).Output.ShouldBe("-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 1\n");
    }

    [Fact]
    public async Task Configuration_IsApplied_AndReloadedByWhatDiffers()
    {
        const string server = "virtual_server 192.0.2.1 80 {\n protocol TCP\n lvs_sched rr\n lvs_method NAT\n real_server 10.0.0.1 8080 {\n weight 3\n }\n}\n";
        string file = WriteRules(server);
        using NetVSProgram daemon = await StartAsync("-i", "v0", "-f", file);
        string loaded = (await Ask("ipvsadm", "-Sn")).Output;
        loaded.ShouldBe("-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.1:8080 -m -w 3\n");
        (await Ask("ipvsadm", "-A", "-u", "192.0.2.1:53", "-s", "rr")).Status.ShouldBe(0);
        WriteRules(server.Replace("rr", "wrr", StringComparison.Ordinal) + "nonsense\n");
        (int status, _, string error) = await Ask("reload");
        status.ShouldBe(1);
        error.ShouldContain(file + ":9:1: Unknown keyword 'nonsense'");
        (await Ask("ipvsadm", "-Sn")).Output.ShouldContain(loaded);
        WriteRules(server.Replace("10.0.0.1", "10.0.0.2", StringComparison.Ordinal));
        (await Ask("reload")).Output.ShouldBe("-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 3\n-d -t 192.0.2.1:80 -r 10.0.0.1:8080\n");
        WriteRules("virtual_server 192.0.2.2 80 {\n protocol TCP\n lvs_sched rr\n lvs_method DR\n real_server 10.0.0.3 80 {\n }\n}\n");
        daemon.Signal(SIGHUP);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!(await Ask("ipvsadm", "-Sn")).Output.Contains("10.0.0.3", StringComparison.Ordinal)) patience.Token.ThrowIfCancellationRequested();
        (await Ask("ipvsadm", "-Sn")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)
            .ShouldBe(["-A -t 192.0.2.2:80 -s rr", "-A -u 192.0.2.1:53 -s rr", "-a -t 192.0.2.2:80 -r 10.0.0.3:80 -g -w 1"]);
    }

    [Fact]
    public async Task Configuration_WithAnError_StartsNothing()
    {
        string file = WriteRules("virtual_server 192.0.2.1 80 {\n nosuch 1\n protocol TCP\n lvs_sched rr\n lvs_method NAT\n real_server 10.0.0.1 8080 {\n }\n}\n");
        using NetVSProgram daemon = NetVSProgram.Start(Socket, _director.Name, ["run", "-i", "v0", "-f", file]);
        (await daemon.WaitAsync()).ShouldBe(1);
        daemon.Error.ShouldContain($"{file}:2:2: error: Unknown keyword 'nosuch'");
        daemon.Error.ShouldContain("netvs: the configuration has problems: nothing was started");
        ShouldBeDetached();
    }

    [Fact]
    public async Task SecondDaemon_OnTheSameSocketOrInterface_IsRefusedAndDisturbsNothing()
    {
        using NetVSProgram first = await StartAsync("-i", "v0", "--link", "af_xdp");
        (await Ask("ipvsadm", "-A", "-t", "192.0.2.1:80")).Status.ShouldBe(0);
        using (NetVSProgram second = NetVSProgram.Start(Socket, _director.Name, ["run", "-i", "v1"]))
        {
            (await second.WaitAsync()).ShouldBe(1);
            second.Error.ShouldContain($"netvs: a NetVS daemon is already running on {Socket}: stop it with 'netvs stop'");
            second.Output.ShouldBeEmpty();
        }

        foreach (string link in new[] { "auto", "af_xdp", "af_packet" })
        {
            string socket = Path.Combine(_directory, "other.sock");
            using NetVSProgram third = NetVSProgram.Start(socket, _director.Name, ["run", "-i", "v0", "--link", link]);
            (await third.WaitAsync()).ShouldBe(1, third.Error);
            third.Error.ShouldContain("netvs: v0: ");
            third.Output.ShouldBeEmpty();
            File.Exists(socket).ShouldBeFalse();
        }

        (await Ask("ipvsadm", "-Sn")).Output.ShouldBe("-A -t 192.0.2.1:80 -s wlc\n");
        _director.Ip("-d link show v0").ShouldContain("xdp");
    }

    [Theory]
    [InlineData("af_xdp")]
    [InlineData("af_packet")]
    public async Task Killed_IsCleanedUpByTheNextStart(string link)
    {
        using (NetVSProgram first = await StartAsync("-i", "v0", "--link", link))
        {
            first.Signal(SIGKILL);
            await first.WaitAsync();
            File.Exists(Socket).ShouldBeTrue();
        }

        using NetVSProgram next = await StartAsync("-i", "v0", "--link", link);
        (await Ask("ipvsadm", "-Ln")).Status.ShouldBe(0);
        next.Signal(SIGTERM);
        (await next.WaitAsync()).ShouldBe(0, next.Error);
        ShouldBeDetached();
    }

    [Fact]
    public async Task Interface_ThatAppearsLater_IsAnnouncedAndAttached()
    {
        using NetVSProgram daemon = await StartAsync("-i", "v0,later0", "--link", "af_xdp");
        daemon.Error.ShouldContain("later0 does not exist: waiting for it to appear");
        _director.Ip("link add later0 type veth peer name later1");
        _director.Ip("link set later1 up");
        _director.Ip("link set later0 up");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!_director.Ip("-d link show later0").Contains("xdp", StringComparison.Ordinal)) patience.Token.ThrowIfCancellationRequested();
    }

    [Fact]
    public async Task ServiceManager_IsTold()
    {
        string path = Path.Combine(_directory, "notify");
        using var notify = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        notify.Bind(new UnixDomainSocketEndPoint(path));
        notify.ReceiveTimeout = 20_000;
        using NetVSProgram daemon = await NetVSProgram.StartDaemonAsync(Socket, _director.Name, ["-i", "v0"], path);
        Receive(notify).ShouldBe("READY=1");
        daemon.Signal(SIGHUP);
        Receive(notify).ShouldStartWith("RELOADING=1\nMONOTONIC_USEC=");
        Receive(notify).ShouldBe("READY=1");
        daemon.Signal(SIGTERM);
        Receive(notify).ShouldBe("STOPPING=1");
        (await daemon.WaitAsync()).ShouldBe(0);
        daemon.Error.ShouldContain("the daemon was started without a rules file");
    }

    [Fact]
    public async Task Socket_IsForRootOnly()
    {
        using NetVSProgram daemon = await StartAsync("-i", "v0");
        using NetVSProgram stranger = NetVSProgram.Start(
            Socket, null, ["ipvsadm", "-Ln"], through: ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--reuid=65534", "--regid=65534", "--clear-groups"]);
        int status = await stranger.WaitAsync();
        Assert.SkipWhen(stranger.Error.Contains("failed to execute", StringComparison.Ordinal), "the program is not where nobody may run it");
        status.ShouldBe(2, stranger.Error);
        stranger.Error.ShouldStartWith("Can't initialize ipvs: Permission denied (you must be root)\n");
    }

    [Fact]
    public async Task Settings_SetAndRead_OverTheCommandLine()
    {
        using NetVSProgram daemon = await StartAsync("-i", "v0");
        (await Ask("get", "net.ipv4.vs.expire_nodest_conn")).ShouldBe((0, "0\n", ""));
        (await Ask("set", "expire_nodest_conn", "1")).ShouldBe((0, "", ""));
        (await Ask("get", "expire_nodest_conn")).Output.ShouldBe("1\n");
        (await Ask("get")).Output.ShouldContain("fullnat_toa");
        (await Ask("set", "expire_nodest_conn", "7")).Status.ShouldBe(1);
        (int status, _, string error) = await Ask("get", "nosuch");
        status.ShouldBe(1);
        error.ShouldBe("netvs: there is no setting 'nosuch': 'netvs get' lists them\n");
        (await Ask("set", "conntrack", "1")).Error.ShouldBe("netvs: conntrack can't be '1', it is 0: the director's packets do not pass netfilter, so that there is no entry to keep, and none is needed\n");
        (await Ask("set", "est_nice", "1")).ShouldBe((0, "", ""));
        (await Ask("set", "est_cpulist", "0")).ShouldBe((0, "", ""));
        (int json, string text, _) = await Ask("status", "--json");
        json.ShouldBe(0);
        System.Text.Json.JsonDocument.Parse(text).RootElement.GetProperty("interfaces").GetArrayLength().ShouldBeGreaterThan(0);
    }

    private static string Receive(Socket socket)
    {
        var buffer = new byte[512];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }
}
