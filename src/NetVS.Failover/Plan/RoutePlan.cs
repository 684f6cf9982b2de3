using NetVS.Keepalived.Language;
using NetVS.Linux.Vrrp;

namespace NetVS.Failover.Plan;

/// <summary>A route with its interfaces by name, which may not exist yet.</summary>
/// <param name="Request">The route.</param>
/// <param name="Interface">The interface; null for none.</param>
/// <param name="Text">As it was written.</param>
/// <param name="Position">Where.</param>
public sealed record RoutePlan(RouteRequest Request, string? Interface, string Text, SourcePosition Position)
{
    /// <summary>The next hops, where there are several.</summary>
    public IReadOnlyList<RouteHopPlan> Hops { get; init; } = [];

    /// <summary>Its deletion by another program is not noticed: no_track, or no interface to follow.</summary>
    public bool IsUntracked { get; init; }
}
