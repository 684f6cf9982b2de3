using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>The director's view of the network: an immutable snapshot of links, addresses and routes, and the next hops.</summary>
/// <remarks>
/// Threads: one writer (control: rtnetlink, or a replay's network file), any number of readers. Who caches a lookup reads
/// <see cref="Version"/> before it, so that a change in between makes the cached answer stale, never the other way round.
/// </remarks>
public sealed class NetworkState
{
    private NetworkSnapshot _snapshot;
    private int _version;

    /// <summary>An empty network: no interface, no route.</summary>
    public NetworkState() => _snapshot = NetworkSnapshot.Empty(NextHops);

    /// <summary>The next hops; the same object for the life of the state.</summary>
    public NextHopTable NextHops { get; } = new();

    /// <summary>Changes whenever links, addresses or routes change: what was cached from a lookup must be looked up again.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>All interfaces, by index.</summary>
    public IReadOnlyList<NetworkInterface> Interfaces => Snapshot.Interfaces;

    /// <summary>All addresses of the director's interfaces.</summary>
    public IReadOnlyList<NetworkAddress> Addresses => Snapshot.Addresses;

    // Acquire: partner of the release in Publish.
    private NetworkSnapshot Snapshot => Volatile.Read(ref _snapshot);

    /// <summary>Replaces links, addresses and routes by what was collected. Thread: the one writer.</summary>
    public void Publish(NetworkSnapshotBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        NetworkSnapshot made = NetworkSnapshot.Build(builder, NextHops);
        NextHops.Pin(made.Gateways);
        Volatile.Write(ref _snapshot, made);
        Interlocked.Increment(ref _version);
    }

    /// <summary>Does what is due: retires next hops nobody has used, when the table fills. Call it about once a second.</summary>
    /// <param name="now">The workers' clock: the one <see cref="NextHopTable.MarkUsed"/> is told.</param>
    public void Tick(MonotonicTime now)
    {
        if (NextHops.RetireUnused(now)) Interlocked.Increment(ref _version);
    }

    /// <summary>Finds the route to an address. <paramref name="flowHash"/> picks among several next hops, always the same for one flow.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="flowHash">A hash of the flow; need not be well mixed.</param>
    /// <param name="route">What was found; its Kind says whether packets can be sent there.</param>
    /// <returns>False when no route matches; true for the kinds that refuse packets, too.</returns>
    public bool TryFindRoute(IpAddress destination, uint flowHash, out RouteLookup route) =>
        Snapshot.TryFindRoute(destination, flowHash, out route);

    /// <summary>Whether the address belongs to the director itself.</summary>
    public bool IsLocal(IpAddress address) => Snapshot.FindRoute(address) is { Kind: RouteKind.Local };

    /// <summary>The logical interface for frames received on a device with a VLAN id (0 = untagged), or null.</summary>
    public NetworkInterface? FindInterface(int receiveInterface, ushort vlanId) => Snapshot.FindInterface(receiveInterface, vlanId);

    /// <summary>The interface with this index, or null.</summary>
    public NetworkInterface? FindInterface(int index) => Snapshot.FindInterface(index);

    /// <summary>The interface with this name, or null. Not for the packet path.</summary>
    public NetworkInterface? FindInterface(string name)
    {
        foreach (NetworkInterface candidate in Snapshot.Interfaces)
            if (candidate.Name == name) return candidate;
        return null;
    }
}
