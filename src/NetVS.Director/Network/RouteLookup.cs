using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>The answer to "how does one get to this address".</summary>
public struct RouteLookup
{
    /// <summary>What the route does; None when there is no route.</summary>
    public RouteKind Kind;

    /// <summary>The logical interface the route leaves by (a VLAN device itself, not the device below).</summary>
    public int Interface;

    /// <summary>The next hop's id in the <see cref="NextHopTable"/>; only for Unicast.</summary>
    public int NextHop;

    /// <summary>The largest IP packet towards the destination by interface and route, in octets.</summary>
    public int IpMtu;

    /// <summary>The address the director uses as source on this route (route's src, else the interface's primary).</summary>
    public IpAddress PreferredSource;
}
