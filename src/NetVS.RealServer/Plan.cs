using NetVS.Linux.Bpf;
using NetVS.Linux.Host;
using NetVS.Packets;

namespace NetVS.RealServer;

/// <summary>Everything that has to be so on this host for a set of VIPs, in the order it is made.</summary>
/// <remarks>
/// ARP first and the address last: a host must not answer for a VIP for an instant. IPv6 needs no counterpart: Linux answers a
/// neighbour solicitation only for addresses of the interface it came in by, multicast or unicast. The plan depends on the
/// interfaces and addresses there are now; it holds no state of its own.
/// </remarks>
internal sealed class Plan : IDisposable
{
    private const string Ipv4Conf = "net/ipv4/conf";
    private const byte ScopeLink = 253, ScopeHost = 254;

    private readonly List<Step> _steps = [];
    private readonly HostNetwork _network;
    private readonly IReadOnlyList<HostLink> _links;
    private readonly IReadOnlyList<HostAddress> _addresses;
    private IngressProgram? _program;

    private Plan(HostNetwork network)
    {
        _network = network;
        _links = network.Links();
        _addresses = network.Addresses();
    }

    /// <summary>The steps, in order.</summary>
    public IReadOnlyList<Step> Steps => _steps;

    /// <summary>Works out the steps.</summary>
    /// <exception cref="RealServerException">What was asked cannot be done on this host.</exception>
    public static Plan Build(HostNetwork network, IReadOnlyList<RealServerSetup> setups, IReadOnlyList<AddressRange> trusted)
    {
        var plan = new Plan(network);
        try
        {
            if (setups.Count > 0) plan.Add(setups, trusted);
            return plan;
        }
        catch
        {
            plan.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _program?.Dispose();

    private void Add(IReadOnlyList<RealServerSetup> setups, IReadOnlyList<AddressRange> trusted)
    {
        foreach (RealServerSetup setup in setups) CheckVip(setup.Vip);
        RealServerSetup[] ipv4 = [.. setups.Where(s => s.Vip.Family == IpFamily.V4)];
        RealServerSetup[] tunnels = [.. setups.Where(s => s.Method == RealServerMethod.Tunnel)];

        if (tunnels.Length > 0) BpfLibrary.Require();
        if (ipv4.Length > 0) AddArp(LinksOf(ipv4));
        AddReversePathFilter(LinksOf(ipv4.Where(s => s.Method == RealServerMethod.Tunnel)));
        if (tunnels.Length > 0)
        {
            IpAddress[] vips = [.. tunnels.Select(s => s.Vip).Distinct().Order()];
            ushort[] guePorts = [.. tunnels.Select(s => s.GuePort).Distinct().Order()];
            AddProgram(new IngressProgram(vips, LocalAddresses(setups), trusted, guePorts), LinksOf(tunnels));
        }

        HostLink loopback = Loopback();
        foreach (RealServerSetup setup in setups.DistinctBy(s => s.Vip))
            _steps.Add(new AddressStep(_network, loopback, setup.Vip, setup.PrefixLength));
    }

    // arp_ignore: 1 and 2 answer only for addresses of the interface asked, 8 for none. The kernel takes the greater of "all" and
    // the interface's own, so a lower value of an interface does no harm; it is set all the same, lest "all" be changed one day.
    private void AddArp(IReadOnlyList<HostLink> links)
    {
        foreach (HostLink? link in links.Prepend<HostLink?>(null))
        {
            string folder = $"{Ipv4Conf}/{link?.Name ?? "all"}";
            _steps.Add(new SysctlStep($"{folder}/arp_ignore", "1", v => v is "1" or "2" or "8", link));
            _steps.Add(new SysctlStep($"{folder}/arp_announce", "2", v => v == "2", link));
        }
    }

    // Replies leave by the route to the client, which need not lead back through the tunnel's interface: strict filtering (1)
    // would drop the inner packets. The kernel takes the greater of "all" and the interface's own, so 2 (loose) here is enough.
    private void AddReversePathFilter(IReadOnlyList<HostLink> links)
    {
        foreach (HostLink link in links)
        {
            _steps.Add(new SysctlStep(
                $"{Ipv4Conf}/{link.Name}/rp_filter", "2",
                v => v == "2" || (v == "0" && Sysctl.ReadNumber($"{Ipv4Conf}/all/rp_filter") != 1), link));
        }
    }

    private void AddProgram(IngressProgram program, IReadOnlyList<HostLink> links)
    {
        _program = program;
        foreach (HostLink link in links)
        {
            _steps.Add(new QdiscStep(_network, link));
            _steps.Add(new ProgramStep(program, link));
        }
    }

    private List<HostLink> LinksOf(IEnumerable<RealServerSetup> setups)
    {
        var chosen = new SortedDictionary<int, HostLink>();
        foreach (RealServerSetup setup in setups)
        {
            foreach (string name in setup.Interfaces)
            {
                HostLink link = _links.FirstOrDefault(l => l.Name == name)
                    ?? throw new RealServerException($"there is no interface {name}: see 'ip link'");
                if (!link.IsEthernet) throw new RealServerException($"{name} is no Ethernet interface: packets from a director cannot come in there");
                chosen[link.Index] = link;
            }

            if (setup.Interfaces.Count > 0) continue;
            HostLink[] all = [.. _links.Where(l => l.IsEthernet)];
            if (all.Length == 0) throw new RealServerException("there is no Ethernet interface that packets from a director could come in by");
            foreach (HostLink link in all) chosen[link.Index] = link;
        }

        return [.. chosen.Values];
    }

    private IpAddress[] LocalAddresses(IReadOnlyList<RealServerSetup> setups) =>
    [
        .. _addresses.Where(a => a.Scope is not ScopeLink and not ScopeHost && !a.Address.IsLoopback && !setups.Any(s => s.Vip == a.Address))
            .Select(a => a.Address).Distinct().Order(),
    ];

    private HostLink Loopback()
    {
        HostLink loopback = _links.FirstOrDefault(l => l.IsLoopback) ?? throw new RealServerException("there is no loopback interface");
        return loopback.IsUp ? loopback : throw new RealServerException($"{loopback.Name} is down: run 'ip link set {loopback.Name} up'");
    }

    private void CheckVip(IpAddress vip)
    {
        if (vip.IsAny || vip.IsMulticast || vip.IsLoopback || (vip.Family == IpFamily.V4 && vip.V4.IsLimitedBroadcast))
            throw new RealServerException($"{vip} cannot be a VIP: give the address clients connect to");
        HostAddress? elsewhere = _addresses.FirstOrDefault(a => a.Address == vip && !_links.Any(l => l.IsLoopback && l.Index == a.InterfaceIndex));
        if (elsewhere is null) return;
        string name = _links.FirstOrDefault(l => l.Index == elsewhere.InterfaceIndex)?.Name ?? "another interface";
        throw new RealServerException(
            $"{vip} is an address of {name}: a real server must not answer for the VIP there: run 'ip addr del {vip}/{elsewhere.PrefixLength} dev {name}'");
    }
}
