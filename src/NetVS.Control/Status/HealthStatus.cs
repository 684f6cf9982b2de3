namespace NetVS.Control.Status;

/// <summary>What the health checks know.</summary>
/// <param name="VirtualServers">The virtual servers, in the configuration's order.</param>
public sealed record HealthStatus(IReadOnlyList<VirtualServerHealth> VirtualServers);
