using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>A route as the packet path reads it: interfaces found, gateways given ids, sources chosen. Immutable.</summary>
internal sealed class CompiledRoute
{
    /// <summary>What the route does.</summary>
    public required RouteKind Kind { get; init; }

    /// <summary>Where it leads; at least one for Unicast.</summary>
    public required CompiledHop[] Hops { get; init; }

    /// <summary>The sum of the hops' weights.</summary>
    public required uint TotalWeight { get; init; }

    /// <summary>The route's <c>src</c>; default where it has none.</summary>
    public required IpAddress PreferredSource { get; init; }

    /// <summary>The next route to the same prefix, by metric: taken when no hop of this one lives.</summary>
    public CompiledRoute? Next { get; set; }
}
