using NetVS.Director;
using NetVS.Director.Helpers;
using NetVS.Director.Offload;
using NetVS.Director.Statistics;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Control.Status;

/// <summary>The daemon at a glance.</summary>
/// <param name="Version">NetVS's version.</param>
/// <param name="ProcessId">The daemon's process.</param>
/// <param name="Uptime">Since it was ready.</param>
/// <param name="Workers">Worker threads.</param>
/// <param name="Connections">Connections now.</param>
/// <param name="MaxConnections">The most there can be, both families together.</param>
/// <param name="Services">Virtual services.</param>
/// <param name="Destinations">Real servers in all services.</param>
/// <param name="RulesFile">The rules file or keepalived.conf that a reload reads, or null.</param>
/// <param name="Totals">Counters and rates over all services.</param>
/// <param name="Timeouts">The three timeouts.</param>
/// <param name="Interfaces">The interfaces.</param>
/// <param name="Drops">Reasons that have counted.</param>
/// <param name="Events">Events that have counted.</param>
/// <param name="Helpers">The helpers by their ports.</param>
/// <param name="Divert">What the eBPF program decided, in frames.</param>
/// <param name="FastPath">The flow table; null without the fast path.</param>
/// <param name="SyncDaemons">The synchronisation daemons that run.</param>
/// <param name="Sync">What synchronisation has counted, by name.</param>
/// <param name="Peers">The peer channel; null without one.</param>
/// <param name="Parts">What the parts that a keepalived.conf configures have to say.</param>
/// <param name="Health">The real servers as their checks see them; null without a keepalived.conf.</param>
/// <param name="Vrrp">The VRRP instances; null without a keepalived.conf.</param>
public sealed record DaemonStatus(
    string Version, int ProcessId, TimeSpan Uptime, int Workers, long Connections, long MaxConnections, int Services, int Destinations,
    string? RulesFile, StatisticsView Totals, DirectorTimeouts Timeouts, IReadOnlyList<InterfaceStatus> Interfaces,
    IReadOnlyList<DropCount> Drops, IReadOnlyList<EventCount> Events, IReadOnlyList<HelperView> Helpers, IReadOnlyDictionary<string, long> Divert, OffloadStatus? FastPath,
    IReadOnlyList<SyncDaemonRule> SyncDaemons, IReadOnlyDictionary<string, long> Sync, PeersStatus? Peers,
    IReadOnlyList<PartStatus> Parts, HealthStatus? Health, VrrpStatus? Vrrp);
