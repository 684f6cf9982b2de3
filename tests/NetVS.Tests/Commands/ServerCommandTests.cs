using NetVS.Tests.Api;

namespace NetVS.Tests.Commands;

/// <summary>netvs service and netvs server, against a daemon's API.</summary>
public sealed class ServerCommandTests : IAsyncLifetime
{
    private TestDaemon _daemon = null!;

    public async ValueTask InitializeAsync() => _daemon = await TestDaemon.StartAsync();

    public async ValueTask DisposeAsync() => await _daemon.DisposeAsync();

    [Fact]
    public async Task Services_AddedEditedAndDeleted_AreWhatIpvsadmWouldHaveMade()
    {
        await ShouldDo("service", "add", "tcp:192.0.2.10:80", "--scheduler", "sh", "--flags", "sh-port", "--persistence", "5m", "--netmask", "255.255.255.0");
        await ShouldDo("service", "add", "udp:[2001:db8::10]:53", "-s", "rr", "--one-packet", "yes");
        await ShouldDo("service", "add", "fwm6:7");
        await ShouldSave("-A -f 7 -6 -s wlc", "-A -t 192.0.2.10:80 -s sh -p 300 -M 255.255.255.0 -b sh-port", "-A -u [2001:db8::10]:53 -s rr -o");
        await ShouldDo("service", "edit", "tcp:192.0.2.10:80", "--persistence", "none", "--netmask", "none");
        await ShouldDo("service", "edit", "udp:[2001:db8::10]:53", "--scheduler=wrr");
        await ShouldDo("service", "delete", "fwm6:7");
        await ShouldSave("-A -t 192.0.2.10:80 -s sh -b sh-port", "-A -u [2001:db8::10]:53 -s wrr -o");
        await ShouldDo("service", "zero");
        await ShouldDo("service", "zero", "tcp:192.0.2.10:80");
        (await Ask("service", "list")).Output.ShouldBe("tcp:192.0.2.10:80            sh (sh-port)\nudp:[2001:db8::10]:53        wrr one-packet\n");
        await ShouldDo("service", "clear");
        await ShouldSave();
    }

    [Fact]
    public async Task OptionsBeyondIpvs_AreSetKeptAndTakenBack()
    {
        await ShouldDo("service", "add", "tcp:192.0.2.10:80", "--tcp-timeout", "1h", "--max-per-client", "9", "--client-prefix", "24", "--over-limit", "reject", "--reset", "yes");
        await ShouldDo("service", "edit", "tcp:192.0.2.10:80", "--slow-start", "30s", "--tcp-timeout", "none");
        await ShouldSave("-A -t 192.0.2.10:80 -s wlc --reset --max-per-client 9 --client-prefix 24 --over-limit reject --slow-start 30");
        (await Ask("service", "list")).Output.ShouldBe(
            "tcp:192.0.2.10:80            wlc reset max-per-client 9 client-prefix 24 over-limit reject slow-start 30\n");
        (await Ask("service", "list", "--json")).Output.ShouldContain("\"slow-start\": \"30\"");
        await ShouldDo("service", "edit", "tcp:192.0.2.10:80", "--slow-start", "none", "--reset", "no", "--over-limit", "none", "--max-per-client", "none", "--client-prefix=none");
        await ShouldSave("-A -t 192.0.2.10:80 -s wlc");
        (int status, _, string error) = await Ask("service", "edit", "tcp:192.0.2.10:80", "--slow-start", "soon");
        (status, error).ShouldBe((2, "netvs: --slow-start: 'soon' is no value of it: write at most 31 days, in seconds or with s, m, h or d (90, 10m, 2h); 0 for none\n"));
        (status, _, error) = await Ask("service", "edit", "tcp:192.0.2.10:80", "--stable-hash", "yes");
        status.ShouldBe(1);
        error.ShouldContain("stable-hash is for the schedulers sh, dh, mh, not for wlc");
    }

    [Fact]
    public async Task Servers_AddedEditedAndDeleted_AreWhatIpvsadmWouldHaveMade()
    {
        await ShouldDo("service", "add", "tcp:192.0.2.10:80", "-s", "rr");
        await ShouldDo("server", "add", "tcp:192.0.2.10:80", "10.0.0.1:80", "--method", "tun", "--tunnel", "gue", "--tunnel-port", "6080", "--tunnel-checksum", "remote", "-w", "5");
        await ShouldDo("server", "edit", "tcp:192.0.2.10:80", "10.0.0.1:80", "--upper", "100", "--lower=50");
        await ShouldSave("-A -t 192.0.2.10:80 -s rr", "-a -t 192.0.2.10:80 -r 10.0.0.1:80 -i -w 5 --tun-type gue --tun-port 6080 --tun-remcsum");
        await ShouldDo("server", "edit", "tcp:192.0.2.10:80", "10.0.0.1:80", "--method", "nat");
        (await Ask("server", "list")).Output.ShouldBe("tcp:192.0.2.10:80\n  10.0.0.1:80                nat      weight 5, 0 active, 0 inactive, at most 100\n");
        await ShouldDo("server", "delete", "tcp:192.0.2.10:80", "10.0.0.1:80");
        await ShouldSave("-A -t 192.0.2.10:80 -s rr");
    }

    [Fact]
    public async Task KeptServers_AreListed_AndNamedByThePlan()
    {
        await ShouldDo("service", "add", "tcp:192.0.2.10:80", "-s", "rr");
        await ShouldDo("server", "add", "tcp:192.0.2.10:80", "10.0.0.1:80", "--method", "nat", "--keep");
        await ShouldDo("server", "delete", "tcp:192.0.2.10:80", "10.0.0.2:80", "--keep");
        (await Ask("server", "list")).Output.ShouldEndWith(
            "kept by hand: 10.0.0.1:80 in tcp:192.0.2.10:80 is added, whatever the file says\nkept by hand: 10.0.0.2:80 in tcp:192.0.2.10:80 is deleted, whatever the file says\n");
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "-A -t 192.0.2.10:80 -s rr\n-a -t 192.0.2.10:80 -r 10.0.0.2:80 -m -w 1\n", TestContext.Current.CancellationToken);
            (int status, string output, string error) = await Ask("plan", "-f", file);
            (status, error).ShouldBe((0, "netvs: nothing differs\n"));
            output.ShouldBe("# by hand, and kept: -a -t 192.0.2.10:80 -r 10.0.0.1:80 -m -w 1\n# by hand, and kept: -d -t 192.0.2.10:80 -r 10.0.0.2:80\n");
        }
        finally
        {
            File.Delete(file);
        }

        await ShouldDo("server", "delete", "tcp:192.0.2.10:80", "10.0.0.1:80");
        (await Ask("server", "list")).Output.ShouldNotContain("10.0.0.1:80");
    }

    [Fact]
    public async Task Lists_AsJson_AreTheApis()
    {
        await ShouldDo("service", "add", "tcp:192.0.2.10:80", "-s", "rr");
        await ShouldDo("server", "add", "tcp:192.0.2.10:80", "10.0.0.1:80");
        await ShouldDo("server", "weight", "10.0.0.1", "9");
        (string Name, string Value)[] members =
        [
            ("service", "tcp:192.0.2.10:80"), ("real", "10.0.0.1:80"),
        ];
        foreach (string[] words in (string[][])[["service", "list", "--json"], ["server", "list", "tcp:192.0.2.10:80", "--json"]])
        {
            (int status, string output, string error) = await Ask(words);
            (status, error).ShouldBe((0, ""));
            foreach ((string name, string value) in members) output.ShouldContain($"\"{name}\": \"{value}\"");
            output.ShouldContain("\"weight\": 9");
            output.ShouldContain("\"configured_weight\": 1");
        }

        (await Ask("get", "drop_entry", "--json")).Output.ShouldContain("\"name\": \"drop_entry\"");
        (await Ask("mark", "list", "--json")).Output.ShouldContain("\"marks\": []");
    }

    [Fact]
    public async Task Drain_IsInForceAcrossReloads_UntilRestored()
    {
        const string Rules = "-A -t 192.0.2.10:80 -s rr\n-a -t 192.0.2.10:80 -r 10.0.0.1:80 -m -w 4\n-A -u 192.0.2.10:53 -s rr\n-a -u 192.0.2.10:53 -r 10.0.0.1:53 -m -w 2\n";
        _daemon.Control.Load(Rules, "rules").IsOk.ShouldBeTrue();
        await ShouldDo("server", "drain", "10.0.0.1", "--deadline", "10m", "--persistence", "release");
        string listed = (await Ask("server", "list")).Output;
        listed.ShouldContain("weight 0, 0 active, 0 inactive; by hand: draining, persistence released, ");
        listed.ShouldContain("(its rule: weight 4)");
        _daemon.Control.Load(Rules, "rules").Steps.ShouldBeEmpty("the rules are as they were");
        await ShouldSave("-A -t 192.0.2.10:80 -s rr", "-A -u 192.0.2.10:53 -s rr", "-a -t 192.0.2.10:80 -r 10.0.0.1:80 -m -w 0", "-a -u 192.0.2.10:53 -r 10.0.0.1:53 -m -w 0");
        await ShouldDo("server", "restore", "10.0.0.1:53");
        (await Ask("server", "list", "udp:192.0.2.10:53")).Output.ShouldContain("weight 2, 0 active, 0 inactive\n");
        (await Ask("server", "restore", "10.0.0.1:53")).ShouldBe((1, "", "netvs: 10.0.0.1:53 is as its rules say: there is nothing to restore\n"));
        (await Ask("why", "server", "10.0.0.1")).Output.ShouldContain("set by hand: draining, persistence released, ");
        await ShouldDo("server", "restore", "10.0.0.1");
        (await Ask("server", "list", "tcp:192.0.2.10:80")).Output.ShouldContain("weight 4, 0 active, 0 inactive\n");
    }

    [Fact]
    public async Task Drain_OfAServerThatGoes_WaitsForItsReturn()
    {
        const string With = "-A -t 192.0.2.10:80 -s rr\n-a -t 192.0.2.10:80 -r 10.0.0.1:80 -m -w 4\n";
        _daemon.Control.Load(With, "rules").IsOk.ShouldBeTrue();
        await ShouldDo("server", "disable", "10.0.0.1");
        _daemon.Control.Load("-A -t 192.0.2.10:80 -s rr\n", "rules").IsOk.ShouldBeTrue();
        (await Ask("server", "list")).Output.ShouldBe("tcp:192.0.2.10:80\nnot among the rules now: 10.0.0.1:80 in tcp:192.0.2.10:80, disabled when it returns\n");
        _daemon.Control.Load(With, "rules").IsOk.ShouldBeTrue();
        (await Ask("server", "list")).Output.ShouldContain("weight 0, 0 active, 0 inactive; by hand: disabled (its rule: weight 4)");
        (await _daemon.Ipvsadm("-e -t 192.0.2.10:80 -r 10.0.0.1:80 -m -w 6")).Status.ShouldBe(0);
        (await Ask("server", "list")).Output.ShouldContain("weight 6, 0 active, 0 inactive\n", customMessage: "who edits by hand means what he says");
    }

    [Fact]
    public async Task DrainWatch_OfAServerWithoutConnections_EndsAtOnce()
    {
        await ShouldDo("service", "add", "tcp:192.0.2.10:80", "-s", "rr");
        await ShouldDo("server", "add", "tcp:192.0.2.10:80", "10.0.0.1:80");
        (await Ask("server", "drain", "10.0.0.1", "--watch")).ShouldBe((0, "10.0.0.1: 0 active and 0 inactive connections left\n10.0.0.1: empty\n", ""));
    }

    [Theory]
    [InlineData(1, "No such service", "service", "delete", "tcp:192.0.2.11:80")]
    [InlineData(1, "Service already exists", "service", "add", "tcp:192.0.2.10:80")]
    [InlineData(1, "there is no service tcp:192.0.2.11:80", "server", "list", "tcp:192.0.2.11:80")]
    [InlineData(1, "tcp:192.0.2.10:80 has no real server 10.0.0.9:80", "server", "edit", "tcp:192.0.2.10:80", "10.0.0.9:80", "-w", "2")]
    [InlineData(1, "Destination already exists", "server", "add", "tcp:192.0.2.10:80", "10.0.0.1:80")]
    [InlineData(1, "no service has the real server 10.0.0.9: 'netvs server list' names them", "server", "drain", "10.0.0.9")]
    [InlineData(1, "a deadline is from 0 to 31536000 seconds away", "server", "drain", "10.0.0.1", "--deadline", "400d")]
    [InlineData(1, "'tcp-192.0.2.10' is no service: write tcp:192.0.2.1:80, udp:[2001:db8::1]:53, fwm:7 or fwm6:7", "service", "delete", "tcp-192.0.2.10")]
    [InlineData(2, "--persistence: 'soon' is no time: write seconds, or a number with s, m, h or d: 90, 10m, 2h, or none", "service", "add", "tcp:192.0.2.12:80", "--persistence", "soon")]
    [InlineData(2, "--weight: '-1' is no weight: write a number from 0 on", "server", "add", "tcp:192.0.2.10:80", "10.0.0.2:80", "--weight", "-1")]
    [InlineData(2, "--deadline: 'soon' is no time: write seconds, or a number with s, m, h or d: 90, 10m, 2h", "server", "drain", "10.0.0.1", "--deadline", "soon")]
    [InlineData(2, "--persistence: 'drop' is neither keep nor release", "server", "drain", "10.0.0.1", "--persistence", "drop")]
    [InlineData(2, "--watch belongs to 'netvs server drain'", "server", "restore", "10.0.0.1", "--watch")]
    [InlineData(2, "--keep belongs to 'netvs server add' and 'delete'", "server", "restore", "10.0.0.1", "--keep")]
    [InlineData(2, "--method belongs to 'netvs server add' and 'edit'", "server", "list", "--method", "nat")]
    [InlineData(2, "'netvs server weight' wants a server and a weight: try --help", "server", "weight", "10.0.0.1")]
    [InlineData(2, "'netvs service edit' changes nothing without an option: try --help", "service", "edit", "tcp:192.0.2.10:80")]
    [InlineData(2, "'frob' is no command of 'netvs service': try --help", "service", "frob")]
    public async Task Mistakes_AreToldAndChangeNothing(int status, string message, params string[] words)
    {
        await ShouldDo("service", "add", "tcp:192.0.2.10:80", "-s", "rr");
        await ShouldDo("server", "add", "tcp:192.0.2.10:80", "10.0.0.1:80");
        (await Ask(words)).ShouldBe((status, "", $"netvs: {message}\n"));
        await ShouldSave("-A -t 192.0.2.10:80 -s rr", "-a -t 192.0.2.10:80 -r 10.0.0.1:80 -g -w 1");
    }

    private async Task ShouldSave(params string[] lines) =>
        (await _daemon.Ipvsadm("-S -n")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).ShouldBe(lines.Order(StringComparer.Ordinal));

    private async Task ShouldDo(params string[] words) => (await Ask(words)).ShouldBe((0, "", ""));

    private Task<(int Status, string Output, string Error)> Ask(params string[] words) => NetVSProgram.RunAsync(_daemon.SocketPath, words);
}
