using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>One routing table of one family: prefixes, and what each leads to. Immutable.</summary>
internal sealed class RouteTable
{
    private readonly PrefixRanges<uint>? _v4;
    private readonly PrefixRanges<UInt128>? _v6;
    private readonly CompiledRoute[] _routes;

    private RouteTable(PrefixRanges<uint>? v4, PrefixRanges<UInt128>? v6, CompiledRoute[] routes)
    {
        _v4 = v4;
        _v6 = v6;
        _routes = routes;
    }

    /// <summary>Builds a table of one family; null where there is no route at all.</summary>
    /// <param name="family">The family.</param>
    /// <param name="routes">The routes in the order they were added.</param>
    /// <param name="compile">Makes the packet path's form of a route; null when the route leads nowhere (its interface is gone).</param>
    public static RouteTable? Build(IpFamily family, IEnumerable<NetworkRoute> routes, Func<NetworkRoute, CompiledRoute?> compile)
    {
        var byPrefix = new Dictionary<(UInt128 Start, int Length), List<NetworkRoute>>();
        foreach (NetworkRoute route in routes)
        {
            (UInt128, int) key = (FirstOf(route.Destination, route.PrefixLength), route.PrefixLength);
            if (!byPrefix.TryGetValue(key, out List<NetworkRoute>? same)) byPrefix.Add(key, same = []);
            same.Add(route);
        }

        var compiled = new List<CompiledRoute>(byPrefix.Count);
        var v4 = new List<(uint, int, int)>();
        var v6 = new List<(UInt128, int, int)>();
        foreach (((UInt128 start, int length), List<NetworkRoute> same) in byPrefix)
        {
            if (!TryChain(same, compile, out CompiledRoute? first)) continue;
            int value = PrefixRanges<uint>.NoMatch;
            if (first is not null)
            {
                value = compiled.Count;
                compiled.Add(first);
            }

            if (family == IpFamily.V4) v4.Add(((uint)start, length, value));
            else v6.Add((start, length, value));
        }

        if (family == IpFamily.V4) return v4.Count == 0 ? null : new RouteTable(PrefixRanges<uint>.Build(v4), null, [.. compiled]);
        return v6.Count == 0 ? null : new RouteTable(null, PrefixRanges<UInt128>.Build(v6), [.. compiled]);
    }

    /// <summary>The route of the longest prefix, best metric first; null where there is none.</summary>
    public CompiledRoute? Find(Ipv4Address address)
    {
        int value = _v4!.Find(address.Value);
        return value < 0 ? null : _routes[value];
    }

    /// <summary>The route of the longest prefix, best metric first; null where there is none.</summary>
    public CompiledRoute? Find(Ipv6Address address)
    {
        int value = _v6!.Find(new UInt128(address.High, address.Low));
        return value < 0 ? null : _routes[value];
    }

    /// <summary>The address with the bits beyond the prefix cleared, as a number of the family's width.</summary>
    internal static UInt128 FirstOf(IpAddress address, int length) => address.Family == IpFamily.V4
        ? PrefixRanges<uint>.FirstOf(address.V4.Value, length)
        : PrefixRanges<UInt128>.FirstOf(new UInt128(address.V6.High, address.V6.Low), length);

    // False: no route of the prefix is usable, as if it were not there. True with null: the best one says "throw".
    private static bool TryChain(List<NetworkRoute> same, Func<NetworkRoute, CompiledRoute?> compile, out CompiledRoute? first)
    {
        first = null;
        CompiledRoute? last = null;
        foreach (NetworkRoute route in same.OrderByDescending(r => r.Table).ThenBy(r => r.Metric))
        {
            if (route.Kind == RouteKind.None)
            {
                if (last is null) return true;
                break;
            }

            if (compile(route) is not { } made) continue;
            if (last is null) first = made;
            else last.Next = made;
            last = made;
        }

        return first is not null;
    }
}
