using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>What the lines of an <c>ip -batch</c> file have made so far, and what the kernel would derive from it.</summary>
internal sealed class IpBatchModel
{
    private const int LoopbackMtu = 65536;
    private int _lastIndex = 1;

    public IpBatchModel()
    {
        Links["lo"] = new NetworkInterface(1, "lo", default, LoopbackMtu, true) { IsLoopback = true };
        Addresses.Add(new OwnAddress(new NetworkAddress(1, new Ipv4Address(0x7F00_0001), 8)));
        Addresses.Add(new OwnAddress(new NetworkAddress(1, new Ipv6Address(0, 1), 128)));
    }

    /// <summary>An address and what was said about it.</summary>
    /// <param name="Own">The address.</param>
    /// <param name="Peer">The prefix of the peer, for the route; default for the address's own.</param>
    /// <param name="Broadcast">The broadcast address said; default for the network's last.</param>
    /// <param name="HasRoute">Whether the route to its network is made.</param>
    internal sealed record OwnAddress(NetworkAddress Own, IpAddress Peer = default, IpAddress Broadcast = default, bool HasRoute = true);

    public Dictionary<string, NetworkInterface> Links { get; } = [];

    public List<OwnAddress> Addresses { get; } = [];

    public List<NetworkRoute> Routes { get; } = [];

    public Dictionary<(int Interface, IpAddress Address), (NextHopState State, MacAddress Mac)> Neighbours { get; } = [];

    /// <summary>Makes an interface: up, IP MTU 1500, a locally administered MAC that ends in its index.</summary>
    public NetworkInterface AddLink(string name)
    {
        int index = ++_lastIndex;
        return Links[name] = new NetworkInterface(index, name, new MacAddress(0x0200_0000_0000UL | (uint)index), 1500, true);
    }

    /// <summary>Removes an interface with all that depends on it.</summary>
    public void RemoveLink(NetworkInterface link)
    {
        Links.Remove(link.Name);
        Addresses.RemoveAll(a => a.Own.Interface == link.Index);
        foreach ((int, IpAddress) key in Neighbours.Keys.Where(k => k.Interface == link.Index).ToArray()) Neighbours.Remove(key);
        foreach (NetworkInterface above in Links.Values.Where(l => l.VlanId != 0 && l.ParentIndex == link.Index).ToArray()) RemoveLink(above);
    }

    /// <summary>The interface on whose network an address is; null when on none.</summary>
    public NetworkInterface? FindOnLink(IpAddress address)
    {
        NetworkInterface? best = null;
        int longest = -1;
        foreach (OwnAddress own in Addresses)
        {
            IpAddress network = own.Peer.IsNone ? own.Own.Address : own.Peer;
            if (network.Family != address.Family || own.Own.PrefixLength <= longest) continue;
            if (RouteTable.FirstOf(network, own.Own.PrefixLength) != RouteTable.FirstOf(address, own.Own.PrefixLength)) continue;
            longest = own.Own.PrefixLength;
            best = Links.Values.First(l => l.Index == own.Own.Interface);
        }

        return best;
    }

    /// <summary>A snapshot of it all, with the routes the kernel derives from addresses.</summary>
    public NetworkSnapshotBuilder Build()
    {
        var builder = new NetworkSnapshotBuilder();
        var down = new HashSet<int>();
        foreach (NetworkInterface link in Links.Values)
        {
            bool isParentUp = link.VlanId == 0 || (Links.Values.FirstOrDefault(l => l.Index == link.ParentIndex) is { IsUp: true });
            builder.Add(isParentUp ? link : link with { IsUp = false });
            if (!link.IsAdministrativelyUp) down.Add(link.Index);
        }

        var networks = new HashSet<(int, UInt128, int)>();
        foreach (OwnAddress own in Addresses)
        {
            NetworkAddress address = own.Own;
            bool isFirst = networks.Add((address.Interface, RouteTable.FirstOf(address.Address, address.PrefixLength), address.PrefixLength));
            address = address with { IsSecondary = !isFirst && address.Address.Family == IpFamily.V4 };
            builder.Add(address);
            if (!down.Contains(address.Interface)) AddDerived(builder, own with { Own = address }, isFirst);
        }

        foreach (NetworkRoute route in Routes)
        {
            // As the kernel does, hops over an interface that was set down are taken away; so is a route without a hop left.
            RouteHop[] hops = [.. route.Hops.Where(h => !down.Contains(h.Interface))];
            if (hops.Length > 0 || route.Hops.Count == 0) builder.Add(route with { Hops = hops });
        }

        return builder;
    }

    private static void AddDerived(NetworkSnapshotBuilder builder, OwnAddress own, bool isFirst)
    {
        NetworkAddress address = own.Own;
        RouteHop[] hops = [new(address.Interface)];
        int width = address.Address.Size * 8;
        builder.Add(Local(address.Address, width));
        bool isV4 = address.Address.Family == IpFamily.V4;
        if (address.Address.IsLoopback)
        {
            if (isV4) builder.Add(Local(address.Address, address.PrefixLength));
            return;
        }

        IpAddress network = own.Peer.IsNone ? address.Address : own.Peer;
        if (isV4 && (address.PrefixLength < 31 || !own.Broadcast.IsNone))
        {
            IpAddress broadcast = own.Broadcast.IsNone
                ? new Ipv4Address(PrefixRanges<uint>.LastOf((uint)RouteTable.FirstOf(network, address.PrefixLength), address.PrefixLength))
                : own.Broadcast;
            builder.Add(Local(broadcast, width) with { Kind = RouteKind.Broadcast });
        }

        bool isHostRoute = address.PrefixLength == width && own.Peer.IsNone;
        if (!isFirst || !own.HasRoute || isHostRoute) return;
        builder.Add(new NetworkRoute(network, address.PrefixLength, hops)
        {
            PreferredSource = isV4 ? address.Address : default,
            Metric = isV4 ? 0u : 256u,
        });

        NetworkRoute Local(IpAddress prefix, int length) =>
            new(prefix, length, hops) { Table = RouteTableId.Local, Kind = RouteKind.Local, PreferredSource = address.Address };
    }
}
