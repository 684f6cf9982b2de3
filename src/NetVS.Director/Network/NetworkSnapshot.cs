using System.Collections.Frozen;
using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>Links, addresses and routes at one instant, laid out for lookup. Immutable.</summary>
internal sealed class NetworkSnapshot
{
    private readonly NextHopTable _nextHops;
    private readonly RouteTable[] _v4;
    private readonly RouteTable[] _v6;
    private readonly SourceSelection _sources;
    private readonly FrozenDictionary<int, NetworkInterface> _byIndex;
    private readonly FrozenDictionary<long, NetworkInterface> _byTag;

    private NetworkSnapshot(NetworkSnapshotBuilder builder, NextHopTable nextHops)
    {
        _nextHops = nextHops;
        Interfaces = [.. builder.Interfaces.Values.OrderBy(i => i.Index)];
        Addresses = [.. builder.Addresses];
        _byIndex = Interfaces.ToFrozenDictionary(i => i.Index);
        _byTag = Interfaces.Where(i => i.VlanId != 0)
            .DistinctBy(i => TagKey(i.ParentIndex, i.VlanId))
            .ToFrozenDictionary(i => TagKey(i.ParentIndex, i.VlanId));
        _sources = new SourceSelection(Addresses);
        _v4 = BuildTables(builder, IpFamily.V4);
        _v6 = BuildTables(builder, IpFamily.V6);
    }

    /// <summary>Before anything is known.</summary>
    public static NetworkSnapshot Empty(NextHopTable nextHops) => new(new NetworkSnapshotBuilder(), nextHops);

    /// <summary>All interfaces by index.</summary>
    public IReadOnlyList<NetworkInterface> Interfaces { get; }

    /// <summary>All addresses of the director.</summary>
    public IReadOnlyList<NetworkAddress> Addresses { get; }

    /// <summary>The ids of all gateways.</summary>
    public HashSet<int> Gateways { get; } = [];

    /// <summary>Lays out what was collected, and gives gateways their ids.</summary>
    public static NetworkSnapshot Build(NetworkSnapshotBuilder builder, NextHopTable nextHops)
    {
        nextHops.SetEgress(builder.Interfaces.Values.ToDictionary(i => i.Index, i => NextHopEgress.Of(i, builder.Interfaces)));
        return new NetworkSnapshot(builder, nextHops);
    }

    /// <summary>The interface with this index, or null.</summary>
    public NetworkInterface? FindInterface(int index) => _byIndex.GetValueOrDefault(index);

    /// <summary>The logical interface for frames received on a device with a VLAN id.</summary>
    public NetworkInterface? FindInterface(int receiveInterface, ushort vlanId) => vlanId == 0
        ? _byIndex.GetValueOrDefault(receiveInterface)
        : _byTag.GetValueOrDefault(TagKey(receiveInterface, vlanId));

    /// <summary>The best route of the first table that has one; null where none has.</summary>
    public CompiledRoute? FindRoute(IpAddress destination)
    {
        if (destination.Family == IpFamily.V4)
        {
            foreach (RouteTable table in _v4)
                if (table.Find(destination.V4) is { } found) return found;
        }
        else if (destination.Family == IpFamily.V6)
        {
            foreach (RouteTable table in _v6)
                if (table.Find(destination.V6) is { } found) return found;
        }

        return null;
    }

    /// <summary>Finds the route and chooses the hop.</summary>
    public bool TryFindRoute(IpAddress destination, uint flowHash, out RouteLookup lookup)
    {
        lookup = default;
        if (destination.IsMulticast || (destination.Family == IpFamily.V4 && destination.V4.IsLimitedBroadcast))
        {
            lookup.Kind = destination.IsMulticast ? RouteKind.Multicast : RouteKind.Broadcast;
            return true;
        }

        CompiledRoute? first = FindRoute(destination);
        if (first is null) return false;
        CompiledRoute route = first;
        int hop = NextHopTable.None;
        int chosen = 0;
        if (first.Kind == RouteKind.Unicast && !TryChooseLiving(first, destination, flowHash, out route, out chosen, out hop))
        {
            // Nobody lives: the packet is accounted to the hop it would have gone to.
            route = first;
            chosen = Pick(first, flowHash);
            hop = IdOf(first.Hops[chosen], destination);
        }

        lookup.Kind = route.Kind;
        lookup.PreferredSource = route.PreferredSource;
        if (route.Hops.Length == 0) return true;
        ref readonly CompiledHop way = ref route.Hops[chosen];
        lookup.Interface = way.Interface.Index;
        lookup.NextHop = hop;
        lookup.IpMtu = way.IpMtu;
        if (lookup.PreferredSource.IsNone) lookup.PreferredSource = SourceOf(route.Kind, way, destination);
        return true;
    }

    private IpAddress SourceOf(RouteKind kind, in CompiledHop way, IpAddress destination)
    {
        if (kind == RouteKind.Local) return destination;
        return destination.Family == IpFamily.V4 ? way.Source : _sources.ChooseV6(way.Interface.Index, destination.V6);
    }

    // A flow's first choice depends on nothing but its hash and the weights, so that it keeps its hop while that lives. When it
    // does not, the flow, and no other, is spread anew over the ones that live.
    private bool TryChooseLiving(
        CompiledRoute first, IpAddress destination, uint flowHash, out CompiledRoute route, out int chosen, out int hop)
    {
        for (CompiledRoute? candidate = first; candidate is { Kind: RouteKind.Unicast }; candidate = candidate.Next)
        {
            route = candidate;
            chosen = Pick(candidate, flowHash);
            hop = IdOf(candidate.Hops[chosen], destination);
            if (IsAlive(hop)) return true;
            if (candidate.Hops.Length > 1 && TrySpread(candidate, destination, flowHash, out chosen, out hop)) return true;
        }

        route = first;
        chosen = 0;
        hop = NextHopTable.None;
        return false;
    }

    private bool TrySpread(CompiledRoute route, IpAddress destination, uint flowHash, out int chosen, out int hop)
    {
        uint living = 0;
        for (int i = 0; i < route.Hops.Length; i++)
            if (IsAlive(IdOf(route.Hops[i], destination))) living += route.Hops[i].Weight;

        uint position = Scale(Mix(flowHash ^ 0x9E37_79B9), living);
        for (chosen = 0; chosen < route.Hops.Length; chosen++)
        {
            hop = IdOf(route.Hops[chosen], destination);
            if (!IsAlive(hop)) continue;
            if (position < route.Hops[chosen].Weight) return true;
            position -= route.Hops[chosen].Weight;
        }

        // None lives, or one died since they were counted.
        hop = NextHopTable.None;
        chosen = 0;
        return false;
    }

    private static int Pick(CompiledRoute route, uint flowHash)
    {
        if (route.Hops.Length == 1) return 0;
        uint position = Scale(Mix(flowHash), route.TotalWeight);
        int chosen = 0;
        while (position >= route.Hops[chosen].Weight) position -= route.Hops[chosen++].Weight;
        return chosen;
    }

    private bool IsAlive(int hop) => _nextHops.Read(hop).State != NextHopState.Failed;

    private int IdOf(in CompiledHop hop, IpAddress destination) =>
        hop.Gateway != NextHopTable.None ? hop.Gateway : _nextHops.GetOrAdd(hop.Interface.Index, destination);

    private static uint Scale(uint hash, uint bound) => (uint)(((ulong)hash * bound) >> 32);

    // The finaliser of MurmurHash3: every bit of the flow's hash reaches the high bits that Scale uses.
    private static uint Mix(uint hash) => unchecked(Finish((hash ^ (hash >> 16)) * 0x85EB_CA6B));

    private static uint Finish(uint hash)
    {
        hash = unchecked((hash ^ (hash >> 13)) * 0xC2B2_AE35);
        return hash ^ (hash >> 16);
    }

    private static long TagKey(int parent, ushort vlanId) => ((long)parent << 16) | vlanId;

    // Until there are policy rules Linux keeps IPv4's local and main table in one trie: the longest prefix of both counts.
    private RouteTable[] BuildTables(NetworkSnapshotBuilder builder, IpFamily family)
    {
        bool isMerged = family == IpFamily.V4 && !builder.HasPolicyRules;
        var tables = new List<RouteTable>(3);
        foreach (RouteTableId id in (ReadOnlySpan<RouteTableId>)[RouteTableId.Local, RouteTableId.Main, RouteTableId.Default])
        {
            RouteTableId now = id;
            IEnumerable<NetworkRoute> routes = builder.Routes.Where(
                r => r.Destination.Family == family && (isMerged && r.Table == RouteTableId.Local ? RouteTableId.Main : r.Table) == now);
            if (RouteTable.Build(family, routes, Compile) is { } table) tables.Add(table);
        }

        return [.. tables];
    }

    private CompiledRoute? Compile(NetworkRoute route)
    {
        var hops = new List<CompiledHop>(route.Hops.Count);
        foreach (RouteHop hop in route.Hops)
        {
            if (!_byIndex.TryGetValue(hop.Interface, out NetworkInterface? over)) continue;
            int gateway = NextHopTable.None;
            if (route.Kind == RouteKind.Unicast && !hop.Gateway.IsNone)
            {
                gateway = _nextHops.GetOrAdd(over.Index, hop.Gateway);
                Gateways.Add(gateway);
            }

            IpAddress source = route.Destination.Family == IpFamily.V4 ? _sources.ChooseV4(over.Index, hop.Gateway) : default;
            int ipMtu = route.IpMtu > 0 ? Math.Min(route.IpMtu, over.IpMtu) : over.IpMtu;
            hops.Add(new CompiledHop(over, gateway, ipMtu, source, (uint)Math.Clamp(hop.Weight, 1, 256)));
        }

        if (hops.Count == 0 && route.Kind is RouteKind.Unicast) return null;
        return new CompiledRoute
        {
            Kind = route.Kind,
            Hops = [.. hops],
            TotalWeight = (uint)hops.Sum(h => h.Weight),
            PreferredSource = route.PreferredSource,
        };
    }
}
