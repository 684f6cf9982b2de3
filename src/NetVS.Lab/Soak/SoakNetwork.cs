using System.Globalization;
using NetVS.Lab.Checks;
using NetVS.Lab.Hosts;
using NetVS.Lab.Peers;
using NetVS.Lab.Topologies;
using NetVS.Packets;

namespace NetVS.Lab.Soak;

/// <summary>The soak's network: one director whose real servers are reached by every method, and a client behind a narrow link.</summary>
/// <remarks>
/// client (a link of 1400 octets) router (lan) director (inside) in1 to in3, which serve by NAT and FULLNAT; ext1 to ext3, on the lan too, by DR and TUN.
/// The router's errors about the narrow link go to the VIPs; that servers forget them after some seconds brings them again and again. Both families.
/// </remarks>
internal sealed class SoakNetwork(Lab lab)
{
    private const int NarrowMtu = 1400, Closed = 9;
    private static readonly string[] s_inside = ["in1", "in2", "in3"], s_outside = ["ext1", "ext2", "ext3"];
    private static readonly bool[] s_families = [false, true];

    /// <summary>Where requests come from.</summary>
    public LabHost Client { get; private set; } = null!;

    /// <summary>Where <c>netvs run</c> runs.</summary>
    public LabHost Director { get; private set; } = null!;

    /// <summary>The client's way to the director, and the director's to the client: on the switch, where the soak counts.</summary>
    public (string ToDirector, string FromDirector) Ports => (Router.Links[1].SwitchPort, Director.Links[0].SwitchPort);

    /// <summary>All VIPs.</summary>
    public static IEnumerable<IpAddress> Vips => Enumerable.Range(0, 4).SelectMany(i => (IpAddress[])[Vip(i, false), Vip(i, true)]).Concat([ClosedVip(false), ClosedVip(true)]);

    private LabHost Router { get; set; } = null!;

    /// <summary>A method's VIP.</summary>
    public static IpAddress Vip(int method, bool isV6) => Lan(20 + method, isV6);

    /// <summary>The VIP of services whose servers do not listen.</summary>
    public static IpAddress ClosedVip(bool isV6) => Lan(20 + Closed, isV6);

    /// <summary>FULLNAT's local address.</summary>
    public static IpAddress LocalAddress(bool isV6) => Inside(9, isV6);

    /// <summary>The real servers of a method.</summary>
    public static IEnumerable<(string Host, IpAddress Address)> ServersOf(string method, bool isV6) => method is "nat" or "fullnat"
        ? s_inside.Select((h, i) => (h, Inside(11 + i, isV6)))
        : s_outside.Select((h, i) => (h, Lan(11 + i, isV6)));

    /// <summary>Makes the hosts and wires them.</summary>
    /// <param name="rate">Requests a second: how many ports the client needs.</param>
    public async Task BuildAsync(int rate)
    {
        Client = await lab.AddHostAsync("client");
        await lab.PlugAsync(Client, "outside", "198.51.100.2/24", "2001:db8:51::2/64");
        Router = await lab.AddHostAsync("router");
        await lab.PlugAsync(Router, "outside", "198.51.100.1/24", "2001:db8:51::1/64");
        await lab.PlugAsync(Router, "lan", With(Lan(254, false)), With(Lan(254, true)));
        await Topology.ForwardAsync(Router);
        foreach (LabHost host in (LabHost[])[Client, Router]) await host.IpAsync($"link set {host.Links[0].Device} mtu {NarrowMtu.ToString(CultureInfo.InvariantCulture)}\n");

        // The client says nothing of its narrow link in its handshakes: servers learn it from the router's errors.
        await Client.IpAsync("route add default via 198.51.100.1 advmss 1460\nroute add default via 2001:db8:51::1 advmss 1440\n");
        // Few ports, so that each is used again while the director still knows its last connection.
        int ports = Math.Clamp(16 * rate, 500, 40_000);
        await Client.RunAsync("sh", "-c", string.Create(CultureInfo.InvariantCulture, $"echo 20000 {20_000 + ports} > /proc/sys/net/ipv4/ip_local_port_range"));
        await Client.SysctlAsync("net.ipv4.tcp_tw_reuse", "1");

        Director = await lab.AddHostAsync("director");
        await lab.PlugAsync(Director, "lan", [With(Lan(1, false)), With(Lan(1, true)), .. Vips.Select(Alone)]);
        await lab.PlugAsync(Director, "inside", With(Inside(1, false)), With(Inside(1, true)), Alone(LocalAddress(false)), Alone(LocalAddress(true)));
        await RouteAsync(Director, Lan(254, false), Lan(254, true));
        foreach (string name in s_outside) await AddServerAsync(name, "lan", ServersOf("dr", false).Single(s => s.Host == name).Address, ServersOf("dr", true).Single(s => s.Host == name).Address, Lan(254, false), Lan(254, true));
        foreach (string name in s_inside) await AddServerAsync(name, "inside", ServersOf("nat", false).Single(s => s.Host == name).Address, ServersOf("nat", true).Single(s => s.Host == name).Address, Inside(1, false), Inside(1, true));
        foreach (LabHost host in lab.Hosts) await LabRunner.SendFinishedFramesAsync(host);
    }

    /// <summary>Prepares the real servers and starts what they serve.</summary>
    public async Task ServeAsync(SoakPlan plan, CheckList checks)
    {
        foreach (LabHost host in lab.Hosts.Where(h => s_inside.Contains(h.Name) || s_outside.Contains(h.Name)))
        {
            List<IpAddress> addresses;
            if (s_inside.Contains(host.Name))
            {
                addresses = [.. s_families.Select(f => ServersOf("nat", f).Single(s => s.Host == host.Name).Address)];
            }
            else
            {
                // Answers to datagrams must come from the VIP.
                addresses = [Vip(1, false), Vip(1, true), Vip(2, false), Vip(2, true)];
                await LabRunner.PrepareAsync(host, "dr", string.Join(',', addresses[..2]), trusted: null, checks);
                await LabRunner.PrepareAsync(host, "tun", string.Join(',', addresses[2..]), $"{Lan(1, false)},{Lan(1, true)}", checks);
            }

            string[] arguments = ["lab", "soak-serve", host.Name, Join(plan.PortsOf(host.Name, isUdp: false)), Join(plan.PortsOf(host.Name, isUdp: true)), string.Join(',', addresses)];
            lab.Own(await Daemon.StartAsync($"server of {host.Name}", "nsenter", host.Enter(ThisProgram.Path, arguments), awaited: "all ports are served", lab.Cancellation));
        }
    }

    private async Task AddServerAsync(string name, string segment, IpAddress v4, IpAddress v6, IpAddress gateway4, IpAddress gateway6)
    {
        LabHost host = await lab.AddHostAsync(name);
        await lab.PlugAsync(host, segment, With(v4), With(v6));
        await RouteAsync(host, gateway4, gateway6);
        foreach (string device in (string[])["all", host.Links[0].Device]) await host.SysctlAsync($"net.ipv4.conf.{device}.rp_filter", "0");
        // Errors about closed ports, each of which the client waits for; and path MTUs are to be forgotten.
        await host.SysctlAsync("net.ipv4.icmp_ratelimit", "0");
        await host.SysctlAsync("net.ipv6.icmp.ratelimit", "0");
        foreach (string family in (string[])["ipv4", "ipv6"]) await host.TryRunAsync("sh", ["-c", $"echo 20 > /proc/sys/net/{family}/route/mtu_expires"]);
    }

    private static Task RouteAsync(LabHost host, IpAddress gateway4, IpAddress gateway6) => host.IpAsync($"route add default via {gateway4}\nroute add default via {gateway6}\n");

    private static string Join(IEnumerable<ushort> ports) => string.Join(',', ports.Select(p => p.ToString(CultureInfo.InvariantCulture)));

    private static IpAddress Lan(int host, bool isV6) => On(1, host, isV6);

    private static IpAddress Inside(int host, bool isV6) => On(2, host, isV6);

    private static IpAddress On(int network, int host, bool isV6) =>
        IpAddress.Parse(isV6 ? $"fd00:{network}::{host}" : $"10.{network}.0.{host}");

    private static string With(IpAddress address) => $"{address}/{(address.Family == IpFamily.V6 ? 64 : 24)}";

    // Deprecated in IPv6, lest it be the source of what the director sends by itself.
    private static string Alone(IpAddress address) => address.Family == IpFamily.V6 ? $"{address}/128 preferred_lft 0" : $"{address}/32";
}
