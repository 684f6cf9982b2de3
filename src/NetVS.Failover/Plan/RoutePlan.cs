using NetVS.Keepalived.Language;
using NetVS.Linux.Vrrp;

namespace NetVS.Failover.Plan;

/// <summary>A route with its interface by name, which may not exist yet.</summary>
/// <param name="Request">The route.</param>
/// <param name="Interface">The interface; null for none.</param>
/// <param name="Text">As it was written.</param>
/// <param name="Position">Where.</param>
public sealed record RoutePlan(RouteRequest Request, string? Interface, string Text, SourcePosition Position);
