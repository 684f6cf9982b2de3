using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>One way a route leads.</summary>
/// <param name="Interface">The interface's index.</param>
/// <param name="Gateway">The gateway, of either family (RFC 5549); default when the destination is on the link itself.</param>
/// <param name="Weight">The share of flows among several hops, 1 or more.</param>
public readonly record struct RouteHop(int Interface, IpAddress Gateway = default, int Weight = 1);
