using NetVS.Lab.Checks;
using NetVS.Lab.Hosts;
using NetVS.Lab.Topologies;
using NetVS.Packets;

namespace NetVS.Lab;

/// <summary>Services of firewall marks in both ways that they can be set: by NetVS's own rules, and by the director's nftables.</summary>
/// <remarks>The network is that of NAT; a network that nobody has is routed to the director, for nftables to mark.</remarks>
internal sealed class FirewallMarkLab(Lab lab, LabOptions options, CheckList checks) : ILabStory
{
    private static readonly int[] s_ports = [80, 81];
    private readonly NatTopology _topology = new(lab, options.IsV6);
    private DirectorHost? _director;

    /// <inheritdoc/>
    public string Summary => "firewall marks: two ports glued together by NetVS's own rules, a whole network by nftables";

    /// <inheritdoc/>
    public string DaemonWords => _director?.DaemonWords ?? "";

    private string Family => options.IsV6 ? " -6" : "";

    /// <inheritdoc/>
    public async Task RunAsync()
    {
        await BuildAsync();
        await OwnRulesAsync(_director!);
        await NetfilterAsync(_director!);
        checks.Head("what the director says");
        await LabRunner.ShowAsync(_director!, checks, "ipvsadm", "-Ln", "--stats");
        checks.Expect(_director!.IsRunning, "the daemon still runs");
    }

    private async Task BuildAsync()
    {
        checks.Head("hosts");
        await _topology.BuildAsync();
        foreach (LabHost host in lab.Hosts) await LabRunner.SendFinishedFramesAsync(host);
        foreach (RealServer server in _topology.Servers)
        {
            foreach (int port in s_ports) checks.Say($"  {server.Host.Name}: {await WebServer.StartAsync(server.Host, port)} on {server.Address}, port {port}");
        }

        checks.Head("director");
        _director = new DirectorHost(_topology.Director);
        await _director.StartAsync(options.Link, checks.Say);
    }

    private async Task OwnRulesAsync(DirectorHost director)
    {
        checks.Head("ports 80 and 81 are mark 7 by NetVS's rules; persistence keeps a client on one server for both");
        foreach (int port in s_ports) await LabRunner.ShowAsync(director, checks, "mark", "add", "tcp", _topology.Vip.ToString(), $"{port}", "7");
        await AddServiceAsync(director, 7, " -p 60");
        var answers = new List<Requests.Answer>();
        foreach (ushort port in (ushort[])[80, 81, 80, 81]) answers.AddRange(await Requests.AskAsync(_topology.Client, new IpEndpoint(_topology.Vip, port), 1, checks.Say));
        checks.Expect(answers.All(a => a.Server.Length > 0) && answers.Select(a => a.Server).Distinct().Count() == 1, "one server answered on both ports");
        await LabRunner.ShowAsync(director, checks, "ipvsadm", "-Lcn");
    }

    private async Task NetfilterAsync(DirectorHost director)
    {
        checks.Head("a whole network is mark 8 by the director's nftables, which send it into the tap device");
        string network = options.IsV6 ? "2001:db8:51::/64" : "198.51.100.0/24";
        IReadOnlyList<string> addresses = options.IsV6 ? ["2001:db8:51::1", "2001:db8:51::99"] : ["198.51.100.1", "198.51.100.99"];
        LabHost router = lab.Hosts.Single(h => h.Name == "router");
        await router.IpAsync($"route add {network} via {_topology.Vip}\n");
        string device = director.Host.Links[0].Device, tap = (await director.Host.RunAsync("ip", "-o", "link", "show")).Split((char[])[' ', ':', '\n'])
            .First(w => w.StartsWith("nvs", StringComparison.Ordinal) && w.Length > 3 && char.IsAsciiDigit(w[3]));
        string rules = $$"""
            table netdev marks {
                chain in {
                    type filter hook ingress device {{device}} priority 0;
                    {{(options.IsV6 ? "ip6" : "ip")}} daddr {{network}} tcp dport { 80, 81 } meta mark set 8 fwd to {{tap}}
                }
            }

            """;
        string file = Path.Combine(lab.Folder, "marks.nft");
        await File.WriteAllTextAsync(file, rules, lab.Cancellation);
        checks.Say($"  {director.Host.Name}# nft -f marks.nft");
        foreach (string line in rules.Split('\n', StringSplitOptions.RemoveEmptyEntries)) checks.Say($"    {line}");
        await director.Host.RunAsync("nft", "-f", file);
        await AddServiceAsync(director, 8, "");
        foreach (string address in addresses)
        {
            IReadOnlyList<Requests.Answer> answers = await Requests.AskAsync(_topology.Client, new IpEndpoint(IpAddress.Parse(address), 80), 2, checks.Say);
            checks.Expect(answers.Select(a => a.Server).Distinct().Count() == 2 && answers.All(a => a.Saw.Address == _topology.ClientAddress), $"both servers answered for {address}, which nobody has");
        }
    }

    private async Task AddServiceAsync(DirectorHost director, int mark, string more)
    {
        await director.AdministrateAsync($"-A -f {mark}{Family} -s rr{more}", checks.Say);
        foreach (RealServer server in _topology.Servers) await director.AdministrateAsync($"-a -f {mark}{Family} -r {new IpEndpoint(server.Address, 0)} -m", checks.Say);
    }
}
