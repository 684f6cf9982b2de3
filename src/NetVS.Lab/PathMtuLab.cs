using System.Globalization;
using NetVS.Lab.Checks;
using NetVS.Lab.Hosts;
using NetVS.Lab.Peers;
using NetVS.Lab.Topologies;
using NetVS.Packets;

namespace NetVS.Lab;

/// <summary>
/// Path MTU discovery through a method: a client behind a router whose link to it is narrow downloads a large file. The router's ICMP errors go to
/// the VIP; they must reach the real server, or the download stalls.
/// </summary>
/// <remarks>The network is that of the method; router and client are added on the segment where the director meets the world.</remarks>
internal sealed class PathMtuLab(Lab lab, Topology topology, LabOptions options, CheckList checks) : ILabStory
{
    private const ushort Port = 8080;
    private const long Octets = 100_000_000;
    private const int NarrowMtu = 1300;
    private DirectorHost? _director;

    /// <inheritdoc/>
    public string Summary => $"a client behind a link of {NarrowMtu} octets downloads {Octets / 1_000_000} MB, and nothing may stall";

    /// <inheritdoc/>
    public string DaemonWords => _director?.DaemonWords ?? "";

    /// <inheritdoc/>
    public async Task RunAsync()
    {
        checks.Head("hosts");
        await topology.BuildAsync();
        (LabHost far, IpAddress address) = await AddFarClientAsync();
        foreach (LabHost host in lab.Hosts) await LabRunner.SendFinishedFramesAsync(host);

        checks.Head("real servers");
        foreach (RealServer server in topology.Servers)
        {
            server.Host.Cgroup = Cgroups.Create(server.Host);
            await WebServer.StartOwnAsync(server.Host, Port, banner: null);
            if (topology.RealServerMethod is not null) await LabRunner.PrepareAsync(topology, server, checks);
        }

        checks.Head("director");
        _director = new DirectorHost(topology.Director);
        await _director.StartAsync(options.Link, checks.Say);
        foreach (string line in topology.Rules(Port, _ => Port)) await _director.AdministrateAsync(line, checks.Say);

        checks.Head("the download");
        string url = $"http://{new IpEndpoint(topology.Vip, Port)}/bytes/{Octets.ToString(CultureInfo.InvariantCulture)}", file = Path.Combine(lab.Folder, "got");
        checks.Say($"  {far.Name}$ curl -o got {url}");
        Shell.Outcome outcome = await far.TryRunAsync("curl", ["-sS", "-g", "--noproxy", "*", "--max-time", "120", "-o", file, url], limit: TimeSpan.FromMinutes(3));
        checks.Expect(outcome.IsOk, "the download came to its end", outcome.Errors.Trim());
        string hash = File.Exists(file) ? await ExtraChecks.HashAsync(file) : "";
        checks.Expect(hash == LabContent.Hash(Octets), "it arrived intact", hash);
        File.Delete(file);

        IpAddress peer = topology is FullNatTopology ? topology.LocalAddresses[0] : address;
        int informed = 0;
        foreach (RealServer server in topology.Servers)
        {
            // FULLNAT's real servers talk to the director's local address; others to the client, by DR and TUN from the VIP.
            string[] from = topology is DrTopology or TunTopology ? ["from", topology.Vip.ToString()] : [];
            Shell.Outcome route = await server.Host.TryRunAsync("ip", ["route", "get", peer.ToString(), .. from]);
            string line = string.Join(' ', route.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            checks.Say($"  {server.Host.Name}# ip route get {string.Join(' ', [peer.ToString(), .. from])}: {line}");
            if (line.Contains($" mtu {NarrowMtu}", StringComparison.Ordinal)) informed++;
        }

        checks.Expect(informed == 1, "the real server that sent it has been told the path MTU, and no other one", $"{informed} have");
        checks.Expect(_director.IsRunning, "the daemon still runs");
    }

    private async Task<(LabHost Far, IpAddress Address)> AddFarClientAsync()
    {
        string segment = topology.Director.Links[0].Segment;
        string outside = topology.Vip.ToString();
        string gateway = options.IsV6 ? $"{outside[..outside.LastIndexOf(':')]}:99" : $"{outside[..outside.LastIndexOf('.')]}.99";
        (string network, string inner, string address) = options.IsV6
            ? ("2001:db8:51::/64", "2001:db8:51::1", "2001:db8:51::2") : ("198.51.100.0/24", "198.51.100.1", "198.51.100.2");
        string length = options.IsV6 ? "64" : "24";
        LabHost narrow = await lab.AddHostAsync("narrow"), far = await lab.AddHostAsync("far");
        await lab.PlugAsync(narrow, segment, $"{gateway}/{length}");
        await lab.PlugAsync(narrow, "narrow", $"{inner}/{length}");
        await lab.PlugAsync(far, "narrow", $"{address}/{length}");
        await Topology.ForwardAsync(narrow);
        await narrow.IpAsync($"link set {narrow.Links[1].Device} mtu {NarrowMtu}\n");
        await far.IpAsync($"route add default via {inner}\n");
        foreach (LabHost host in lab.Hosts.Where(h => h != narrow && h.Links.Any(l => l.Segment == segment))) await host.IpAsync($"route add {network} via {gateway}\n");
        checks.Say($"  {far.Name} {address}, behind {narrow.Name} {gateway}, whose link to it carries {NarrowMtu} octets");
        return (far, IpAddress.Parse(address));
    }
}
