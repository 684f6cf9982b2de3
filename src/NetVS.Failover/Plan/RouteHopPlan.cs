using NetVS.Linux.Vrrp;

namespace NetVS.Failover.Plan;

/// <summary>One of several next hops.</summary>
/// <param name="Request">The hop.</param>
/// <param name="Interface">Its interface by name; null for none.</param>
public sealed record RouteHopPlan(RouteHopRequest Request, string? Interface);
