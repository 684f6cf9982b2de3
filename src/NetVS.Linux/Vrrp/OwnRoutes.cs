using NetVS.Linux.Netlink;

namespace NetVS.Linux.Vrrp;

/// <summary>Reads the routes and policy rules that have keepalived's protocol number.</summary>
public static class OwnRoutes
{
    /// <summary>All of them, of the network namespace of the calling thread. On a host with very many routes this takes its time.</summary>
    /// <exception cref="KernelCallException">The kernel refuses.</exception>
    public static IReadOnlySet<RouteKey> Read()
    {
        var found = new HashSet<RouteKey>();
        using var requests = new NetlinkRequests();
        foreach (byte family in (byte[])[Rtnetlink.AF_INET, Rtnetlink.AF_INET6])
        {
            Read(requests, Rtnetlink.RTM_GETROUTE, family, found);
            Read(requests, Rtnetlink.RTM_GETRULE, family, found);
        }

        return found;
    }

    // Twelve octets are struct rtmsg as well as struct fib_rule_hdr. What an attempt before found is there, or was a moment ago.
    private static void Read(NetlinkRequests requests, ushort type, byte family, HashSet<RouteKey> found)
    {
        bool isRule = type == Rtnetlink.RTM_GETRULE;
        requests.Dump(type, w => w.U8(family).U8(0).U16(0).U32(0).U32(0), static () => { }, (in NetlinkMessage message) =>
        {
            if (RouteKey.TryReadOwn(message.Payload, isRule, out RouteKey key)) found.Add(key);
        }, isRule ? "rules" : "routes");
    }
}
