using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>The director's view of the network: an immutable snapshot of links, addresses and routes, and the next hops.</summary>
/// <remarks>Threads: one writer (control: rtnetlink, or a replay's network file), any number of readers.</remarks>
public sealed class NetworkState
{
    /// <summary>The next hops; the same object for the life of the state.</summary>
    public NextHopTable NextHops { get; } = new();

    /// <summary>Changes whenever links, addresses or routes change: what was cached from a lookup must be looked up again.</summary>
    public int Version => throw new NotImplementedException();

    /// <summary>Finds the route to an address. <paramref name="flowHash"/> picks among several next hops, always the same for one flow.</summary>
    public bool TryFindRoute(IpAddress destination, uint flowHash, out RouteLookup route) => throw new NotImplementedException();

    /// <summary>Whether the address belongs to the director itself.</summary>
    public bool IsLocal(IpAddress address) => throw new NotImplementedException();

    /// <summary>The logical interface for frames received on a device with a VLAN id (0 = untagged), or null.</summary>
    public NetworkInterface? FindInterface(int receiveInterface, ushort vlanId) => throw new NotImplementedException();
}
