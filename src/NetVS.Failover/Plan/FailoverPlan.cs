using NetVS.Keepalived.Model;
using NetVS.Scripts;

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

    /// <summary>BFD instances that are used.</summary>
    public IReadOnlyList<BfdInstance> BfdInstances { get; init; } = [];

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

    /// <summary>This host announces no membership in groups of its own networks (224.0.0.0/24), VRRP's among them.</summary>
    public bool DisablesLocalIgmp { get; init; }

    /// <summary>Between two gratuitous ARP packets on one interface; zero for none.</summary>
    public TimeSpan GarpInterval { get; init; }

    /// <summary>The same for neighbour advertisements.</summary>
    public TimeSpan NeighbourInterval { get; init; }

    /// <summary>Who runs scripts, and which may run.</summary>
    public ScriptPolicy ScriptPolicy { get; init; } = ScriptPolicy.Open;

    /// <summary>The global definitions: where mail goes.</summary>
    public GlobalDefinitions Global { get; init; } = new();

    /// <summary>Whether there is anything to do.</summary>
    public bool IsEmpty => Instances.Count == 0 && StaticAddresses.Count == 0 && StaticRoutes.Count == 0 && StaticRules.Count == 0;
}
