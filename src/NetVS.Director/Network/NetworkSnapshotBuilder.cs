namespace NetVS.Director.Network;

/// <summary>Collects what a snapshot of the network consists of, to be published as a whole.</summary>
/// <remarks>
/// Nothing is derived: the routes of the local table (own addresses, broadcast addresses) and those of directly connected
/// networks are added as any other; the kernel lists them, and <see cref="IpBatch"/> makes them from the addresses.
/// </remarks>
public sealed class NetworkSnapshotBuilder
{
    /// <summary>Whether there are policy rules; Linux searches IPv4's local table before the main one only then, else both as one.</summary>
    public bool HasPolicyRules { get; set; }

    internal Dictionary<int, NetworkInterface> Interfaces { get; } = [];

    internal List<NetworkAddress> Addresses { get; } = [];

    internal List<NetworkRoute> Routes { get; } = [];

    /// <summary>Adds an interface; one of the same index is replaced.</summary>
    public NetworkSnapshotBuilder Add(NetworkInterface networkInterface)
    {
        Interfaces[networkInterface.Index] = networkInterface;
        return this;
    }

    /// <summary>Adds an address of an interface, in the order the kernel has them.</summary>
    public NetworkSnapshotBuilder Add(NetworkAddress address)
    {
        Addresses.Add(address);
        return this;
    }

    /// <summary>Adds a route. Among equals (prefix, table, metric) the first one counts.</summary>
    public NetworkSnapshotBuilder Add(NetworkRoute route)
    {
        Routes.Add(route);
        return this;
    }
}
