namespace NetVS.Control.Status;

/// <summary>A virtual server as its checks see it.</summary>
/// <param name="Name">As keepalived names it.</param>
/// <param name="Services">The services it makes.</param>
/// <param name="HasQuorum">Whether enough weight is alive.</param>
/// <param name="Quorum">The weight that must be alive.</param>
/// <param name="AliveWeight">The weight that is.</param>
/// <param name="SorryServer">The sorry server; null without one.</param>
/// <param name="IsSorryInUse">Whether it has the connections.</param>
/// <param name="RealServers">The real servers, in the configuration's order.</param>
public sealed record VirtualServerHealth(
    string Name, IReadOnlyList<string> Services, bool HasQuorum, long Quorum, long AliveWeight, string? SorryServer, bool IsSorryInUse,
    IReadOnlyList<RealServerHealth> RealServers);
