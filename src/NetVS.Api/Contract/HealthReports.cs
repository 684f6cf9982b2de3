namespace NetVS.Api.Contract;

/// <summary>What the health checks know.</summary>
internal sealed record HealthReport(VirtualServerHealthReport[] VirtualServers);

/// <summary>A virtual server of the keepalived.conf.</summary>
internal sealed record VirtualServerHealthReport(
    string Name, string[] Services, bool HasQuorum, long Quorum, long AliveWeight, string? SorryServer, bool SorryServerInUse, RealServerHealthReport[] RealServers);

/// <summary>A real server of it.</summary>
internal sealed record RealServerHealthReport(string Address, bool Up, int Weight, double SecondsInState, CheckHealthReport[] Checks);

/// <summary>A check of it. The milliseconds are those of the last attempt; history is oldest first.</summary>
internal sealed record CheckHealthReport(
    string Kind, string Target, bool Up, bool Suspended, int Retrying, string LastError, double? SecondsSinceLast, double LatencyMilliseconds, CheckChangeReport[] History);

/// <summary>A check came up, or went down. The time is RFC 3339 in UTC.</summary>
internal sealed record CheckChangeReport(string At, bool Up, string Reason);
