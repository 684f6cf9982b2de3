using NetVS.Lab.Hosts;
using NetVS.Lab.Journeys;
using NetVS.Packets;

namespace NetVS.Lab.Topologies;

/// <summary>The network of one forwarding method: hosts, addresses, rules, and what the textbook says of each hop.</summary>
internal abstract class Topology(Lab lab, bool isV6)
{
    /// <summary>The command's word: dr, nat, tun, fullnat.</summary>
    public abstract string Name { get; }

    /// <summary>One line for the reader.</summary>
    public abstract string Summary { get; }

    /// <summary>The scheduler of the web service.</summary>
    public abstract string Scheduler { get; }

    /// <summary>ipvsadm's option for the forwarding method.</summary>
    public abstract string MethodOption { get; }

    /// <summary>How many requests the client makes, and how often each real server must answer, in the servers' order.</summary>
    public abstract (int Requests, IReadOnlyList<int> Answers) Share { get; }

    /// <summary>What <c>netvs realserver setup --method</c> is told, or null where real servers need nothing.</summary>
    public virtual string? RealServerMethod => null;

    /// <summary>Who may send real servers wrapped packets or client addresses: <c>--from</c>; null where nobody does.</summary>
    public virtual string? TrustedSenders => null;

    /// <summary>FULLNAT's local addresses.</summary>
    public virtual IReadOnlyList<IpAddress> LocalAddresses => [];

    /// <summary>The addresses that another director must take over when this one fails, each with its interface's number there.</summary>
    public virtual IReadOnlyList<(int Link, IpAddress Address)> Floating => [(0, Vip)];

    /// <summary>The director's default route; none where it needs none.</summary>
    public IpAddress DirectorGateway { get; protected set; }

    /// <summary>Whether everything speaks IPv6.</summary>
    public bool IsV6 { get; } = isV6;

    /// <summary>Where requests come from.</summary>
    public LabHost Client { get; protected set; } = null!;

    /// <summary>The client's address.</summary>
    public IpAddress ClientAddress { get; protected set; }

    /// <summary>Where <c>netvs run</c> runs.</summary>
    public LabHost Director { get; protected set; } = null!;

    /// <summary>The virtual address.</summary>
    public IpAddress Vip { get; protected set; }

    /// <summary>The real servers, in the order they are added.</summary>
    public List<RealServer> Servers { get; } = [];

    /// <summary>The lab it stands in.</summary>
    protected Lab Lab { get; } = lab;

    /// <summary>Makes the hosts and wires them.</summary>
    public abstract Task BuildAsync();

    /// <summary>The hops of a packet of the web service from the client to a real server.</summary>
    public abstract IReadOnlyList<Hop> Inbound(RealServer server, ushort clientPort);

    /// <summary>The hops of a packet of the web service from a real server to the client.</summary>
    public abstract IReadOnlyList<Hop> Outbound(RealServer server, ushort clientPort);

    /// <summary>ipvsadm's command lines, without the program's name, for one service on the VIP.</summary>
    public IEnumerable<string> Rules(ushort virtualPort, Func<RealServer, ushort> realPort)
    {
        string vip = new IpEndpoint(Vip, virtualPort).ToString();
        yield return $"-A -t {vip} -s {Scheduler}";
        foreach (IpAddress local in LocalAddresses) yield return $"-P -t {vip} -z {local}";
        foreach (RealServer server in Servers) yield return AddServer(virtualPort, server, realPort(server));
    }

    /// <summary>ipvsadm's command line that adds one real server.</summary>
    public string AddServer(ushort virtualPort, RealServer server, ushort realPort) =>
        $"-a -t {new IpEndpoint(Vip, virtualPort)} -r {new IpEndpoint(server.Address, realPort)} {MethodOption} -w {server.Weight}";

    /// <summary>The IPv4 or the IPv6 value, whichever the lab speaks.</summary>
    protected string Pick(string v4, string v6) => IsV6 ? v6 : v4;

    /// <summary>The address that <see cref="Pick"/> chooses.</summary>
    protected IpAddress Address(string v4, string v6) => IpAddress.Parse(Pick(v4, v6));

    /// <summary>Adds a host on a segment of its family's usual prefix length.</summary>
    protected async Task<LabHost> AddAsync(string name, string segment, params IpAddress[] addresses)
    {
        LabHost host = await Lab.AddHostAsync(name);
        await PlugAsync(host, segment, addresses);
        return host;
    }

    /// <summary>Plugs a host into one more segment; the first address has the segment's prefix length, others none.</summary>
    /// <remarks>
    /// The others are virtual or local addresses. In IPv6 they are deprecated (RFC 4862 5.5.4), lest they be chosen as the source of
    /// what the host sends by itself: a tunnel packet from the VIP would be one from nobody a real server trusts.
    /// </remarks>
    protected Task<LabLink> PlugAsync(LabHost host, string segment, params IpAddress[] addresses) =>
        Lab.PlugAsync(host, segment, [.. addresses.Select((a, i) => $"{a}/{(i == 0 ? Pick("24", "64") : Pick("32", "128 preferred_lft 0"))}")]);

    /// <summary>Adds a real server.</summary>
    protected async Task<RealServer> AddServerAsync(string name, string segment, IpAddress address, ushort port = 80, int weight = 1)
    {
        var server = new RealServer(await AddAsync(name, segment, address), address, port, weight);
        Servers.Add(server);
        return server;
    }

    /// <summary>Gives a host a default route.</summary>
    public static Task DefaultRouteAsync(LabHost host, IpAddress gateway) => host.IpAsync($"route add default via {gateway}\n");

    /// <summary>Makes a host a router.</summary>
    public static async Task ForwardAsync(LabHost router)
    {
        await router.SysctlAsync("net.ipv4.ip_forward", "1");
        await router.SysctlAsync("net.ipv6.conf.all.forwarding", "1");
        // Replies of TUN's real servers carry the VIP, which the router reaches another way.
        await router.SysctlAsync("net.ipv4.conf.all.rp_filter", "0");
        foreach (LabLink link in router.Links) await router.SysctlAsync($"net.ipv4.conf.{link.Device}.rp_filter", "0");
    }
}
