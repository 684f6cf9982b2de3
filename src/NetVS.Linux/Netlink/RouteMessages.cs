using System.Runtime.InteropServices;
using NetVS.Director.Network;
using NetVS.Packets;

namespace NetVS.Linux.Netlink;

/// <summary>Turns rtnetlink's routes into the director's (struct rtmsg).</summary>
internal static class RouteMessages
{
    private const int FixedPartSize = 12;
    private const int HopPartSize = 8;

    /// <summary>Reads RTM_NEWROUTE.</summary>
    /// <param name="payload">The message.</param>
    /// <param name="route">The route.</param>
    /// <param name="preference">Among IPv6 routes of one metric, the router preference (RFC 4191): less is better.</param>
    /// <returns>
    /// False for what a director without policy routing does not look at: other tables, routes for a TOS or a source, cache entries.
    /// </returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, out NetworkRoute? route, out int preference)
    {
        route = null;
        preference = 1;
        if (payload.Length < FixedPartSize) return false;
        byte family = payload[0];
        int length = payload[1];
        uint table = payload[4];
        uint flags = MemoryMarshal.Read<uint>(payload[8..]);
        bool isForSome = payload[2] != 0 || payload[3] != 0;
        if (family is not (Rtnetlink.AF_INET or Rtnetlink.AF_INET6) || isForSome || (flags & Rtnetlink.RTM_F_CLONED) != 0) return false;

        IpAddress destination = IpAddress.AnyOf(family == Rtnetlink.AF_INET ? IpFamily.V4 : IpFamily.V6);
        IpAddress source = default;
        IpAddress gateway = default;
        uint metric = 0;
        int output = 0;
        int mtu = 0;
        bool isEncapsulated = false;
        ReadOnlySpan<byte> multipath = default;
        var reader = new AttributeReader(payload[FixedPartSize..]);
        while (reader.TryRead(out int type, out ReadOnlySpan<byte> value))
        {
            switch (type)
            {
                case Rtnetlink.RTA_DST: destination = NetworkMessages.ReadAddress(family, value); break;
                case Rtnetlink.RTA_PREFSRC: source = NetworkMessages.ReadAddress(family, value); break;
                case Rtnetlink.RTA_GATEWAY: gateway = NetworkMessages.ReadAddress(family, value); break;
                case Rtnetlink.RTA_VIA: gateway = ReadVia(value); break;
                case Rtnetlink.RTA_OIF when value.Length >= 4: output = MemoryMarshal.Read<int>(value); break;
                case Rtnetlink.RTA_PRIORITY when value.Length >= 4: metric = MemoryMarshal.Read<uint>(value); break;
                case Rtnetlink.RTA_TABLE when value.Length >= 4: table = MemoryMarshal.Read<uint>(value); break;
                case Rtnetlink.RTA_METRICS: mtu = ReadMtu(value); break;
                case Rtnetlink.RTA_MULTIPATH: multipath = value; break;
                case Rtnetlink.RTA_ENCAP_TYPE when value.Length >= 2: isEncapsulated = MemoryMarshal.Read<ushort>(value) != 0; break;

                // 0 medium, 1 high, 3 low.
                case Rtnetlink.RTA_PREF when value.Length >= 1: preference = value[0] switch { 1 => 0, 3 => 2, _ => 1 }; break;
                default: break;
            }
        }

        if (table is not ((uint)RouteTableId.Local or (uint)RouteTableId.Main or (uint)RouteTableId.Default)) return false;
        if (destination.IsNone || length > destination.Size * 8) return false;
        RouteKind? kind = KindOf(payload[7]);
        if (kind is null) return false;
        bool leads = kind is RouteKind.Unicast or RouteKind.Local or RouteKind.Broadcast or RouteKind.Multicast;
        List<RouteHop> hops = [];
        if (leads && multipath.Length > 0) hops = ReadHops(family, multipath);
        else if (leads && output != 0 && (flags & Rtnetlink.RTNH_F_DEAD) == 0) hops.Add(new RouteHop(output, gateway));
        if (leads && hops.Count == 0) return false;
        route = new NetworkRoute(destination, length, isEncapsulated ? [] : hops)
        {
            // Where the kernel would encapsulate, sending the bare packet would be wrong: refuse.
            Kind = isEncapsulated ? RouteKind.Unreachable : kind.Value,
            Table = (RouteTableId)table,
            Metric = metric,
            IpMtu = mtu,
            PreferredSource = source,
        };
        return true;
    }

    private static RouteKind? KindOf(byte type) => type switch
    {
        Rtnetlink.RTN_UNICAST => RouteKind.Unicast,
        Rtnetlink.RTN_LOCAL or Rtnetlink.RTN_ANYCAST => RouteKind.Local,
        Rtnetlink.RTN_BROADCAST => RouteKind.Broadcast,
        Rtnetlink.RTN_MULTICAST => RouteKind.Multicast,
        Rtnetlink.RTN_BLACKHOLE => RouteKind.Blackhole,
        Rtnetlink.RTN_UNREACHABLE => RouteKind.Unreachable,
        Rtnetlink.RTN_PROHIBIT => RouteKind.Prohibit,
        Rtnetlink.RTN_THROW => RouteKind.None,
        _ => null,
    };

    // struct rtnexthop: length (2), flags (1), weight less one (1), interface (4), then attributes.
    private static List<RouteHop> ReadHops(byte family, ReadOnlySpan<byte> rest)
    {
        var hops = new List<RouteHop>();
        while (rest.Length >= HopPartSize)
        {
            int length = MemoryMarshal.Read<ushort>(rest);
            if (length < HopPartSize || length > rest.Length) break;
            IpAddress gateway = default;
            bool isEncapsulated = false;
            var reader = new AttributeReader(rest[HopPartSize..length]);
            while (reader.TryRead(out int type, out ReadOnlySpan<byte> value))
            {
                if (type == Rtnetlink.RTA_GATEWAY) gateway = NetworkMessages.ReadAddress(family, value);
                if (type == Rtnetlink.RTA_VIA) gateway = ReadVia(value);
                if (type == Rtnetlink.RTA_ENCAP_TYPE) isEncapsulated = true;
            }

            if ((rest[2] & Rtnetlink.RTNH_F_DEAD) == 0 && !isEncapsulated)
                hops.Add(new RouteHop(MemoryMarshal.Read<int>(rest[4..]), gateway, rest[3] + 1));
            rest = rest[Math.Min((length + 3) & ~3, rest.Length)..];
        }

        return hops;
    }

    // struct rtvia: family (2), address.
    private static IpAddress ReadVia(ReadOnlySpan<byte> value) =>
        value.Length < 2 ? default : NetworkMessages.ReadAddress((byte)MemoryMarshal.Read<ushort>(value), value[2..]);

    private static int ReadMtu(ReadOnlySpan<byte> metrics)
    {
        var reader = new AttributeReader(metrics);
        while (reader.TryRead(out int type, out ReadOnlySpan<byte> value))
            if (type == Rtnetlink.RTAX_MTU && value.Length >= 4) return (int)Math.Min(MemoryMarshal.Read<uint>(value), 65535);
        return 0;
    }
}
