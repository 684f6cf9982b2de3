using System.Globalization;
using System.Text;
using System.Text.Json;
using NetVS.Packets;

namespace NetVS.Lab.Soak;

/// <summary>What nftables counts on the switch, which knows nothing of the director: frames to the VIPs, and from the director in their name.</summary>
internal sealed class SoakWitness(Lab lab, SoakPlan plan, SoakNetwork network)
{
    private Dictionary<string, Counted> _now = [];
    private Dictionary<string, Counted> _before = [];

    /// <summary>Packets and IP octets.</summary>
    internal readonly record struct Counted(long Packets, long Octets)
    {
        public static Counted operator +(Counted a, Counted b) => new(a.Packets + b.Packets, a.Octets + b.Octets);

        public static Counted operator -(Counted a, Counted b) => new(a.Packets - b.Packets, a.Octets - b.Octets);
    }

    /// <summary>Begins to count.</summary>
    public async Task StartAsync()
    {
        var rules = new StringBuilder("table netdev soak {\n");
        var toDirector = new StringBuilder();
        var fromDirector = new StringBuilder();
        foreach (SoakService service in plan.Services)
        {
            // UDP by the address alone, for later fragments have no ports: no VIP has two UDP services.
            string port = service.IsUdp ? "" : $"dport {service.Virtual.Port}", source = service.IsUdp ? "" : $"sport {service.Virtual.Port}";
            Rule(rules, toDirector, $"in_{service.Virtual.Port}", $"{Address("daddr", service.Virtual.Address)} {Layer(service.IsUdp, port)}");
            Rule(rules, fromDirector, $"out_{service.Virtual.Port}", $"{Address("saddr", service.Virtual.Address)} {Layer(service.IsUdp, source)}");
            if (service.IsUdp) continue;
            Rule(rules, toDirector, $"syn_{service.Virtual.Port}", $"{Address("daddr", service.Virtual.Address)} tcp {port} tcp flags & (fin|syn|rst|ack) == syn");
            Rule(rules, fromDirector, $"rst_{service.Virtual.Port}", $"{Address("saddr", service.Virtual.Address)} tcp {source} tcp flags & rst == rst");
        }

        foreach ((IpAddress vip, int i) in SoakNetwork.Vips.Select((v, i) => (v, i)))
        {
            string icmp = $"meta l4proto {(vip.Family == IpFamily.V6 ? "ipv6-icmp" : "icmp")}";
            Rule(rules, toDirector, $"errors_in_{i}", $"{Address("daddr", vip)} {icmp}");
            Rule(rules, fromDirector, $"errors_out_{i}", $"{Address("saddr", vip)} {icmp}");
        }

        (string to, string from) = network.Ports;
        rules.Append($"chain to_director {{\ntype filter hook ingress device \"{to}\" priority 0\n{toDirector}}}\n");
        rules.Append($"chain from_director {{\ntype filter hook ingress device \"{from}\" priority 0\n{fromDirector}}}\n}}\n");
        string file = Path.Combine(lab.Folder, "witness.nft");
        await File.WriteAllTextAsync(file, rules.ToString());
        await lab.Switches.RunAsync("nft", "-f", file);
        await ReadAsync();
        BeginEpoch();
    }

    /// <summary>Reads the counters.</summary>
    public async Task ReadAsync()
    {
        using JsonDocument json = JsonDocument.Parse(await lab.Switches.RunAsync("nft", "-j", "list", "counters"));
        _now = json.RootElement.GetProperty("nftables").EnumerateArray().Where(e => e.TryGetProperty("counter", out _)).Select(e => e.GetProperty("counter"))
            .ToDictionary(c => c.GetProperty("name").GetString()!, c => new Counted(c.GetProperty("packets").GetInt64(), c.GetProperty("bytes").GetInt64()));
    }

    /// <summary>Counters are told from here on.</summary>
    public void BeginEpoch() => _before = _now;

    /// <summary>Frames of clients to a service, since the epoch began.</summary>
    public Counted To(SoakService service) => Since($"in_{service.Virtual.Port}");

    /// <summary>Frames from the director in a service's name.</summary>
    public Counted From(SoakService service) => Since($"out_{service.Virtual.Port}");

    /// <summary>SYNs to a service.</summary>
    public Counted Syns(SoakService service) => service.IsUdp ? default : Since($"syn_{service.Virtual.Port}");

    /// <summary>Resets from the director in a service's name: real servers' that it has forwarded, and its host's own.</summary>
    public Counted Resets(SoakService service) => service.IsUdp ? default : Since($"rst_{service.Virtual.Port}");

    /// <summary>ICMP messages to a VIP.</summary>
    public Counted ErrorsTo(IpAddress vip) => Since($"errors_in_{Index(vip)}");

    /// <summary>ICMP messages from a VIP.</summary>
    public Counted ErrorsFrom(IpAddress vip) => Since($"errors_out_{Index(vip)}");

    private static string Index(IpAddress vip) => SoakNetwork.Vips.ToList().IndexOf(vip).ToString(CultureInfo.InvariantCulture);

    private Counted Since(string name) => _now[name] - _before.GetValueOrDefault(name);

    private static void Rule(StringBuilder counters, StringBuilder chain, string name, string match)
    {
        counters.Append($"counter {name} {{ }}\n");
        chain.Append($"{match} counter name \"{name}\"\n");
    }

    private static string Address(string field, IpAddress address) => $"{(address.Family == IpFamily.V6 ? "ip6" : "ip")} {field} {address}";

    private static string Layer(bool isUdp, string port) => isUdp ? "meta l4proto udp" : $"tcp {port}";
}
