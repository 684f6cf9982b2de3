using NetVS.Keepalived.Model;

namespace NetVS.Failover.Plan;

/// <summary>What a configuration asks of VRRP, complete: every default is filled in.</summary>
public sealed record FailoverPlan
{
    /// <summary>Nothing.</summary>
    public static FailoverPlan Empty { get; } = new();

    /// <summary>The instances.</summary>
    public IReadOnlyList<InstancePlan> Instances { get; init; } = [];

    /// <summary>The sync groups.</summary>
    public IReadOnlyList<SyncGroup> Groups { get; init; } = [];

    /// <summary>Scripts that are used.</summary>
    public IReadOnlyList<VrrpScript> Scripts { get; init; } = [];

    /// <summary>Files that are used.</summary>
    public IReadOnlyList<TrackFile> Files { get; init; } = [];

    /// <summary>Processes that are used.</summary>
    public IReadOnlyList<TrackProcess> Processes { get; init; } = [];

    /// <summary>Addresses that are there all the time; each names its interface.</summary>
    public IReadOnlyList<ConfiguredAddress> StaticAddresses { get; init; } = [];

    /// <summary>Routes that are there all the time.</summary>
    public IReadOnlyList<RoutePlan> StaticRoutes { get; init; } = [];

    /// <summary>Policy rules that are there all the time.</summary>
    public IReadOnlyList<RulePlan> StaticRules { get; init; } = [];

    /// <summary>The pipes.</summary>
    public IReadOnlyList<NotifyPipe> Pipes { get; init; } = [];

    /// <summary>States are written to the pipes again after a reload.</summary>
    public bool RepeatsStatesOnReload { get; init; }

    /// <summary>Adverts for ids that nobody has are logged.</summary>
    public bool LogsUnknownIds { get; init; }

    /// <summary>Between two gratuitous ARP packets on one interface; zero for none.</summary>
    public TimeSpan GarpInterval { get; init; }

    /// <summary>The same for neighbour advertisements.</summary>
    public TimeSpan NeighbourInterval { get; init; }

    /// <summary>Whose name scripts run under that do not say.</summary>
    public ScriptAccount DefaultAccount { get; init; } = ScriptAccount.Own;

    /// <summary>Scripts that others than root could change are not run as root.</summary>
    public bool HasScriptSecurity { get; init; }

    /// <summary>Whether there is anything to do.</summary>
    public bool IsEmpty => Instances.Count == 0 && StaticAddresses.Count == 0 && StaticRoutes.Count == 0 && StaticRules.Count == 0;
}
