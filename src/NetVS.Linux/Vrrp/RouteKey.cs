using System.Runtime.InteropServices;
using NetVS.Linux.Netlink;
using NetVS.Packets;

namespace NetVS.Linux.Vrrp;

/// <summary>What tells a route, or a policy rule, from others.</summary>
/// <param name="IsRule">A policy rule.</param>
/// <param name="Family">The family.</param>
/// <param name="Destination">The route's prefix; none for the default route, and for rules.</param>
/// <param name="PrefixLength">Its bits.</param>
/// <param name="Table">The table.</param>
/// <param name="Priority">The route's metric, or the rule's preference.</param>
public readonly record struct RouteKey(bool IsRule, IpFamily Family, IpAddress Destination, int PrefixLength, uint Table, uint Priority)
{
    private const int FixedPartSize = 12;
    private const uint DefaultMetricV6 = 1024;

    /// <summary>The key of a route that is asked for.</summary>
    public static RouteKey Of(RouteRequest route)
    {
        ArgumentNullException.ThrowIfNull(route);
        uint metric = route.Metric ?? 0;
        if (metric == 0 && route.Family == IpFamily.V6) metric = DefaultMetricV6;
        return new RouteKey(false, route.Family, route.PrefixLength == 0 ? default : route.Destination, route.PrefixLength, route.Table, metric);
    }

    /// <summary>The key of a rule that is asked for.</summary>
    public static RouteKey Of(RuleRequest rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return new RouteKey(true, rule.Family, default, 0, rule.Action == 1 ? rule.Table : 0, rule.Preference);
    }

    // Reads one that has keepalived's protocol number. struct rtmsg and struct fib_rule_hdr are alike where both are read: family, destination bits, source bits, tos, table.
    internal static bool TryReadOwn(ReadOnlySpan<byte> payload, bool isRule, out RouteKey key)
    {
        key = default;
        if (payload.Length < FixedPartSize || payload[0] is not (Rtnetlink.AF_INET or Rtnetlink.AF_INET6)) return false;
        byte family = payload[0];
        byte protocol = isRule ? (byte)0 : payload[5];
        uint table = payload[4], priority = 0;
        IpAddress destination = default;
        var reader = new AttributeReader(payload[FixedPartSize..]);
        while (reader.TryRead(out int type, out ReadOnlySpan<byte> value))
        {
            switch (type)
            {
                // RTA_DST is FRA_DST, RTA_PRIORITY FRA_PRIORITY, RTA_TABLE FRA_TABLE.
                case Rtnetlink.RTA_DST when !isRule: destination = NetworkMessages.ReadAddress(family, value); break;
                case Rtnetlink.RTA_PRIORITY when value.Length >= 4: priority = MemoryMarshal.Read<uint>(value); break;
                case Rtnetlink.RTA_TABLE when value.Length >= 4: table = MemoryMarshal.Read<uint>(value); break;
                case Rtnetlink.FRA_PROTOCOL when isRule && value.Length >= 1: protocol = value[0]; break;
                default: break;
            }
        }

        key = new RouteKey(isRule, family == Rtnetlink.AF_INET ? IpFamily.V4 : IpFamily.V6, destination, isRule ? 0 : payload[1], table, priority);
        return protocol == RouteRequest.ProtocolKeepalived;
    }
}
