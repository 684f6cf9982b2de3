using NetVS.Director.Network;

namespace NetVS.Linux.Netlink;

/// <summary>All links, addresses, routes and rules as the kernel listed them; compared by value.</summary>
internal sealed class NetworkReading
{
    private NetworkReading(
        List<NetworkInterface> interfaces, List<NetworkAddress> addresses, List<NetworkRoute> routes, bool hasPolicyRules)
    {
        Interfaces = interfaces;
        Addresses = addresses;
        Routes = routes;
        HasPolicyRules = hasPolicyRules;
    }

    /// <summary>Before anything was read.</summary>
    public static NetworkReading Empty { get; } = new([], [], [], false);

    /// <summary>The interfaces.</summary>
    public List<NetworkInterface> Interfaces { get; }

    /// <summary>Their addresses.</summary>
    public List<NetworkAddress> Addresses { get; }

    /// <summary>The routes of the tables local, main and default, best preference first.</summary>
    public List<NetworkRoute> Routes { get; }

    /// <summary>Whether there are rules beyond the three that choose those tables.</summary>
    public bool HasPolicyRules { get; }

    /// <summary>Asks the kernel for everything.</summary>
    public static NetworkReading Read(NetlinkRequests requests)
    {
        List<NetworkInterface> interfaces = ReadLinks(requests);
        var addresses = new List<NetworkAddress>();
        requests.Dump(
            Rtnetlink.RTM_GETADDR, static w => w.U32(0).U32(0), addresses.Clear,
            (in NetlinkMessage m) =>
            {
                if (m.Type == Rtnetlink.RTM_NEWADDR && NetworkMessages.TryReadAddress(m.Payload, out NetworkAddress address)) addresses.Add(address);
            },
            "addresses");
        var routes = new List<NetworkRoute>();
        routes.AddRange(ReadRoutes(requests, Rtnetlink.AF_INET));
        routes.AddRange(ReadRoutes(requests, Rtnetlink.AF_INET6));
        return new NetworkReading(interfaces, addresses, routes, ReadRules(requests));
    }

    /// <summary>Asks the kernel for its interfaces.</summary>
    public static List<NetworkInterface> ReadLinks(NetlinkRequests requests)
    {
        var interfaces = new List<NetworkInterface>();
        requests.Dump(
            Rtnetlink.RTM_GETLINK,
            static w => w.U32(0).U32(0).U32(0).U32(0).Attribute(Rtnetlink.IFLA_EXT_MASK, Rtnetlink.RTEXT_FILTER_SKIP_STATS),
            interfaces.Clear,
            (in NetlinkMessage m) =>
            {
                if (m.Type == Rtnetlink.RTM_NEWLINK && NetworkMessages.TryReadLink(m.Payload, out NetworkInterface? link)) interfaces.Add(link!);
            },
            "links");
        return interfaces;
    }

    /// <summary>Asks the kernel for its neighbours of both families.</summary>
    public static List<KernelNeighbour> ReadNeighbours(NetlinkRequests requests)
    {
        var neighbours = new List<KernelNeighbour>();
        requests.Dump(
            Rtnetlink.RTM_GETNEIGH, static w => w.U32(0).U32(0).U32(0), neighbours.Clear,
            (in NetlinkMessage m) =>
            {
                if (m.Type == Rtnetlink.RTM_NEWNEIGH && NetworkMessages.TryReadNeighbour(m.Payload, out KernelNeighbour n)) neighbours.Add(n);
            },
            "neighbours");
        return neighbours;
    }

    /// <summary>Whether nothing differs.</summary>
    public bool IsSameAs(NetworkReading other) =>
        HasPolicyRules == other.HasPolicyRules && Interfaces.SequenceEqual(other.Interfaces) && Addresses.SequenceEqual(other.Addresses) && Routes.SequenceEqual(other.Routes);

    /// <summary>For publishing.</summary>
    public NetworkSnapshotBuilder ToBuilder()
    {
        var builder = new NetworkSnapshotBuilder { HasPolicyRules = HasPolicyRules };
        foreach (NetworkInterface networkInterface in Interfaces) builder.Add(networkInterface);
        foreach (NetworkAddress address in Addresses) builder.Add(address);
        foreach (NetworkRoute route in Routes) builder.Add(route);
        return builder;
    }

    private static IEnumerable<NetworkRoute> ReadRoutes(NetlinkRequests requests, byte family)
    {
        var routes = new List<(NetworkRoute Route, int Preference)>();
        requests.Dump(
            Rtnetlink.RTM_GETROUTE, w => w.U32(family).U32(0).U32(0), routes.Clear,
            (in NetlinkMessage m) =>
            {
                if (m.Type == Rtnetlink.RTM_NEWROUTE && RouteMessages.TryRead(m.Payload, out NetworkRoute? route, out int preference))
                    routes.Add((route!, preference));
            },
            "routes");
        return routes.OrderBy(r => r.Preference).Select(r => r.Route);
    }

    private static bool ReadRules(NetlinkRequests requests)
    {
        bool hasOthers = false;
        foreach (byte family in (ReadOnlySpan<byte>)[Rtnetlink.AF_INET, Rtnetlink.AF_INET6])
        {
            byte asked = family;
            try
            {
                requests.Dump(
                    Rtnetlink.RTM_GETRULE, w => w.U32(asked).U32(0).U32(0), static () => { },
                    (in NetlinkMessage m) => hasOthers |= m.Type == Rtnetlink.RTM_NEWRULE && !NetworkMessages.IsDefaultRule(m.Payload),
                    "policy rules");
            }
            catch (KernelCallException refused) when (refused.Errno is Errno.EOPNOTSUPP or Errno.EAFNOSUPPORT)
            {
                // A kernel without policy routing has no rules.
            }
        }

        return hasOthers;
    }
}
