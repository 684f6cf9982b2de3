using System.Diagnostics;
using System.Globalization;
using NetVS.Lab.Checks;
using NetVS.Lab.Hosts;
using NetVS.Lab.Journeys;
using NetVS.Lab.Peers;
using NetVS.Lab.Topologies;
using NetVS.Packets;

namespace NetVS.Lab;

/// <summary>
/// The lab of two directors: VRRP moves the addresses, synchronisation (multicast, or the peer channel) the connections. One is killed under long
/// downloads, which finish through the other one; the first returns, and they finish all the same.
/// </summary>
/// <remarks>The network is that of the method, with a second director beside the first; what is the director's there floats between the two.</remarks>
internal sealed class FailoverLab(Lab lab, Topology topology, LabOptions options, CheckList checks) : ILabStory
{
    private const int Downloads = 4, Late = 1;
    private const string Rate = "1M";

    // More than a client's socket and its curl can have had in hand when the first director was killed.
    private const long BeyondBuffers = 256 << 10;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    // By multicast a director that returns must wait before it preempts, and downloads must last so long.
    private readonly long _longOctets = (options.UsesPeers ? 12L : 20L) << 20, _shortOctets = (options.UsesPeers ? 8L : 12L) << 20;

    private readonly List<string> _own = [];
    private DirectorHost _first = null!;
    private DirectorHost _second = null!;

    /// <inheritdoc/>
    public string Summary => "two directors; one is killed under long downloads, the other goes on, and the first one returns";

    /// <inheritdoc/>
    public string DaemonWords => $"{_first?.DaemonWords}{_second?.DaemonWords}";

    /// <inheritdoc/>
    public async Task RunAsync()
    {
        await BuildAsync();
        await using WireTap tap = await WireTap.StartAsync(lab);
        if (options.Repeat > 0)
        {
            await MeasureAsync(tap);
            return;
        }

        checks.Head($"{Downloads} downloads of {_longOctets} octets, {Rate} a second");
        List<Task<string>> downloads = [];
        for (int i = 0; i < Downloads; i++) downloads.Add(DownloadAsync(i, _longOctets));
        await UntilAsync(async () => (await _second.AskAsync("ipvsadm", "-Lcn")).Output.Split('\n').Count(l => l.Contains("ESTABLISHED", StringComparison.Ordinal)) == Downloads,
            "the other director knows every connection");
        await ShowAsync(_second, "ipvsadm", "-Lcn");

        checks.Head("the master is killed");
        await _first.KillAsync(checks.Say);
        await UntilAsync(() => HasVipAsync(_second.Host), "the other director has the VIP");
        if (!options.UsesPeers) await UntilAsync(() => IsMasterAsync(_second, true), "it is the master of the synchronisation");
        long[] arrived = [.. Enumerable.Range(0, Downloads).Select(Arrived)];
        await UntilAsync(() => Task.FromResult(arrived.Select((before, i) => Arrived(i) >= before + BeyondBuffers).All(static b => b)), "every download goes on through it");
        IReadOnlyList<Requests.Answer> answers = await Requests.AskAsync(topology.Client, new IpEndpoint(topology.Vip, 80), 2, checks.Say);
        checks.Expect(answers.All(a => a.Server.Length > 0), "new requests are answered");

        checks.Head("one download more begins, and the first director returns");
        for (int i = 0; i < Late; i++) downloads.Add(DownloadAsync(Downloads + i, _shortOctets));
        await StartAsync(_first, 150, isShown: false);
        await UntilAsync(() => IsMasterAsync(_first, true), "it has preempted the other one, and is master");
        await UntilAsync(() => IsMasterAsync(_second, false), "the other one is backup again");
        await ShowAsync(_first, "status");

        checks.Head("the downloads");
        string[] hashes = await Task.WhenAll(downloads);
        string expected = LabContent.Hash(_longOctets), late = LabContent.Hash(_shortOctets);
        for (int i = 0; i < hashes.Length; i++)
            checks.Expect(hashes[i] == (i < Downloads ? expected : late), $"download {i + 1} arrived intact{(i < Downloads ? "" : ", begun while the first director was away")}", hashes[i]);
        await tap.DisposeAsync();
        await new FailoverWitness(tap, topology, _first.Host, _second.Host, checks).TellAsync(lab.Cancellation);
        checks.Expect(_first.IsRunning && _second.IsRunning, "both daemons run");
    }

    private async Task MeasureAsync(WireTap tap)
    {
        checks.Head($"the master is killed {options.Repeat} times");
        string file = tap.Files.Single(f => f.Link == _second.Host.Links[0]).File;
        await WaitAsync(async () => (await FailoverTimes.ReadAsync(file, _first.Host, lab.Cancellation)).Count > 0, "the capture has an advert of the first master");
        for (int i = 0; i < options.Repeat; i++)
        {
            await _first.KillAsync(static _ => { });
            await WaitAsync(() => HasVipAsync(_second.Host), "the other director has the VIP");
            await StartAsync(_first, 150, isShown: false, static _ => { });
            await WaitAsync(async () => await HasVipAsync(_first.Host) && !await HasVipAsync(_second.Host), "the first one has it again");
        }

        await tap.DisposeAsync();
        FailoverTimes.Tell(checks, FailoverTimes.Find(await FailoverTimes.ReadAsync(file, _first.Host, lab.Cancellation)), options.Repeat, FailoverWitness.Interval, FailoverWitness.Skew);
    }

    private async Task BuildAsync()
    {
        checks.Head("hosts");
        await topology.BuildAsync();
        LabHost second = await lab.AddHostAsync("director2");
        foreach (LabLink link in topology.Director.Links) await lab.PlugAsync(second, link.Segment);
        foreach (LabHost host in lab.Hosts) await LabRunner.SendFinishedFramesAsync(host);
        string trusted = "";
        foreach ((LabHost director, int number) in new[] { (topology.Director, 21), (second, 22) })
        {
            _own.Add(await AddressAsync(director, number));
            trusted += (trusted.Length > 0 ? "," : "") + _own[^1];
        }

        foreach (LabHost host in lab.Hosts) await host.ReadMacsAsync();

        // A large receive buffer would have a download in it before it is needed: nothing would pass the directors any more.
        await topology.Client.SysctlAsync("net.ipv4.tcp_rmem", "4096 65536 65536");

        checks.Head("real servers");
        foreach (RealServer server in topology.Servers)
        {
            server.Host.Cgroup = Cgroups.Create(server.Host);
            await WebServer.StartOwnAsync(server.Host, server.Port, banner: null);
            checks.Say($"  {server.Host.Name}: a web server on {server.Endpoint}");
            if (topology.RealServerMethod is not null) await LabRunner.PrepareAsync(topology, server, checks, topology.RealServerMethod == "tun" ? trusted : null);
        }

        checks.Head("directors");
        (_first, _second) = (new DirectorHost(topology.Director), new DirectorHost(second));
        if (options.UsesPeers) await MakeKeyAsync();
        await StartAsync(_first, 150, isShown: true);
        await StartAsync(_second, 100, isShown: false);
        await UntilAsync(() => IsMasterAsync(_first, true), $"{_first.Host.Name} is master");
        await UntilAsync(() => IsMasterAsync(_second, false), $"{_second.Host.Name} is backup");
        if (options.UsesPeers) await UntilAsync(async () => await FollowsAsync(_first) && await FollowsAsync(_second), "each follows the other");
    }

    // What the topology gave its one director floats from now on; each has an address of its own on every segment.
    private async Task<string> AddressAsync(LabHost director, int number)
    {
        string own = "";
        for (int i = 0; i < director.Links.Count; i++)
        {
            string device = director.Links[i].Device, floating = topology.Floating.First(f => f.Link == i).Address.ToString();
            string address = options.IsV6 ? $"{floating[..floating.LastIndexOf(':')]}:{number}" : $"{floating[..floating.LastIndexOf('.')]}.{number}";
            await director.IpAsync($"addr flush dev {device} scope global\naddr add {address}/{(options.IsV6 ? "64 nodad" : "24")} dev {device}\n");
            checks.Say($"  {director.Name}: {address} on {device}, segment {director.Links[i].Segment}");
            if (own.Length == 0) own = address;
        }

        if (!topology.DirectorGateway.IsNone) await Topology.DefaultRouteAsync(director, topology.DirectorGateway);
        await Topology.ForwardAsync(director);
        return own;
    }

    private async Task StartAsync(DirectorHost director, int priority, bool isShown, Action<string>? print = null)
    {
        string file = Path.Combine(lab.Folder, $"{director.Host.Name}.conf"), text = Configuration(priority);
        await File.WriteAllTextAsync(file, text, lab.Cancellation);
        if (isShown) checks.Say("  keepalived.conf, the same on both but for the priority:");
        foreach (string line in isShown ? text.Split('\n', StringSplitOptions.RemoveEmptyEntries) : []) checks.Say($"    {line}");
        int own = director == _first ? 0 : 1;
        string[] peers = options.UsesPeers ? ["--sync-key", KeyFile, "--sync-listen", PeerEnd(own), "--sync-peer", PeerEnd(1 - own)] : [];
        await director.StartAsync(options.Link, print ?? checks.Say, ["-f", file, .. peers]);
        if (options.UsesPeers || options.Repeat > 0) return;

        // A director that returns knows of a connection what it is told from then on. Messages wait two seconds for more to tell, counts of the fast path
        // are read once a second: it preempts after five, and a download's next turn must not be fifty packets away.
        await ShowAsync(director, "set", "sync_threshold", "3 5");
    }

    private string Configuration(int priority)
    {
        string length = options.IsV6 ? "128" : "32";
        string[] floating = [.. topology.Floating.Select(f => $"        {f.Address}/{length} dev {topology.Director.Links[f.Link].Device}\n")];
        string[] servers =
        [
            .. topology.Servers.Select(s => $"    real_server {s.Address} {s.Port.ToString(CultureInfo.InvariantCulture)} {{\n    }}\n"),
        ];
        string synchronisation = options.UsesPeers ? "" : $"global_defs {{\n    lvs_sync_daemon {topology.Director.Links[^1].Device} inst VI\n}}\n";
        string[] locals = [.. topology.LocalAddresses.Select(a => $"    {a}\n")];
        string group = locals.Length > 0 ? $"local_address_group inside {{\n{string.Concat(locals)}}}\n" : "";
        return synchronisation + group + $$"""
            vrrp_instance VI {
                interface eth0
                virtual_router_id 51
                priority {{priority.ToString(CultureInfo.InvariantCulture)}}
                version 3
                advert_int 0.1
            {{(options.UsesPeers || options.Repeat > 0 ? "" : "    preempt_delay 5\n")}}    garp_master_delay 1
                virtual_ipaddress {
            {{string.Concat(floating)}}    }
            }
            virtual_server {{topology.Vip}} 80 {
                protocol TCP
                lvs_sched rr
                lvs_method {{topology.Name.ToUpperInvariant()}}
            {{(locals.Length > 0 ? "    laddr_group_name inside\n" : "")}}{{string.Concat(servers)}}}

            """;
    }

    private async Task<string> DownloadAsync(int number, long octets)
    {
        string file = DownloadFile(number);
        string[] arguments = ["-s", "-S", "-g", "--noproxy", "*", "--fail", "--limit-rate", Rate, "-o", file, $"http://{new IpEndpoint(topology.Vip, 80)}/bytes/{octets.ToString(CultureInfo.InvariantCulture)}"];
        if (number is 0 or Downloads) checks.Say($"  client$ curl {string.Join(' ', arguments)}");
        Shell.Outcome outcome = await topology.Client.TryRunAsync("curl", arguments, limit: TimeSpan.FromMinutes(1));
        string hash = outcome.IsOk ? await ExtraChecks.HashAsync(file) : outcome.Errors.Trim();
        File.Delete(file);
        return hash;
    }

    private string DownloadFile(int number) => Path.Combine(lab.Folder, $"download{number.ToString(CultureInfo.InvariantCulture)}");

    private long Arrived(int number) => new FileInfo(DownloadFile(number)) is { Exists: true } file ? file.Length : 0;

    private async Task<bool> HasVipAsync(LabHost host) =>
        (await Shell.TryRunAsync("ip", ["-n", host.Namespace, "-o", "addr", "show"], cancellation: lab.Cancellation)).Output.Contains($" {topology.Vip}/", StringComparison.Ordinal);

    // With multicast, who has the addresses is known by the role of its daemon, which follows them.
    private async Task<bool> IsMasterAsync(DirectorHost director, bool isMaster) => options.UsesPeers
        ? await HasVipAsync(director.Host) == isMaster
        : (await director.AskAsync("ipvsadm", "-L", "--daemon")).Output.StartsWith(isMaster ? "master" : "backup", StringComparison.Ordinal);

    private static async Task<bool> FollowsAsync(DirectorHost director) => (await director.AskAsync("status")).Output.Contains(": following", StringComparison.Ordinal);

    private string PeerEnd(int director) => new IpEndpoint(IpAddress.Parse(_own[director]), FailoverWitness.PeerPort).ToString();

    private string KeyFile => Path.Combine(lab.Folder, "peer.key");

    private async Task MakeKeyAsync()
    {
        checks.Say($"  {_first.Host.Name}# netvs sync key {KeyFile}");
        Shell.Outcome outcome = await _first.AskAsync("sync", "key", KeyFile);
        if (!outcome.IsOk) throw new LabException($"netvs sync key: {outcome.Errors.Trim()}");
    }

    private async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        if (await WaitAsync(condition, what)) checks.Expect(true, string.Create(CultureInfo.InvariantCulture, $"{what} (after {watch.Elapsed.TotalSeconds:0.00} s)"));
    }

    // What is as it should be is not said: for what happens a hundred times.
    private async Task<bool> WaitAsync(Func<Task<bool>> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > s_patience)
            {
                checks.Expect(false, what, $"not within {s_patience.TotalSeconds} s");
                return false;
            }

            await Task.Delay(10, lab.Cancellation);
        }

        return true;
    }

    private Task ShowAsync(DirectorHost director, params string[] command) => LabRunner.ShowAsync(director, checks, command);
}
