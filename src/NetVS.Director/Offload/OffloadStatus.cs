namespace NetVS.Director.Offload;

/// <summary>The flow table as <c>netvs status</c> shows it.</summary>
/// <param name="LinesV4">IPv4 lines in force.</param>
/// <param name="CapacityV4">IPv4 lines in all.</param>
/// <param name="LinesV6">IPv6 lines in force.</param>
/// <param name="CapacityV6">IPv6 lines in all.</param>
/// <param name="Installs">Connections that were given lines, since the start.</param>
/// <param name="Removals">Connections whose lines were taken back.</param>
/// <param name="RefusedFull">Times a connection found no room and stayed in user space.</param>
/// <param name="RefusedTwin">Times a connection stayed in user space because another has one of its directions.</param>
/// <param name="Unsuitable">Times a connection stayed in user space because the program cannot carry it.</param>
/// <param name="Rewrites">Lines changed in place: other next hops, other MTUs.</param>
/// <param name="Reports">Reports of the program that moved a connection.</param>
/// <param name="StaleReports">Reports that came too late for their connection.</param>
/// <param name="Resyncs">Lines whose count of reports had to be put right.</param>
/// <param name="Adoptions">Connections taken over from a director before this one.</param>
public sealed record OffloadStatus(
    int LinesV4, int CapacityV4, int LinesV6, int CapacityV6, long Installs, long Removals, long RefusedFull, long RefusedTwin,
    long Unsuitable, long Rewrites, long Reports, long StaleReports, long Resyncs, long Adoptions);
