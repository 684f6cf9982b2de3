using NetVS.Keepalived.Model;
using NetVS.Linux.Vrrp;
using NetVS.Packets;
using NetVS.Vrrp.Options;

namespace NetVS.Failover.Plan;

/// <summary>One instance.</summary>
public sealed record InstancePlan
{
    /// <summary>What the state machine needs.</summary>
    public required VirtualRouterOptions Options { get; init; }

    /// <summary>The interface; empty where unicast needs none.</summary>
    public string Interface { get; init; } = "";

    /// <summary>The source of adverts; none for the interface's own.</summary>
    public IpAddress Source { get; init; }

    /// <summary>FAULT while the source is not an address of this host.</summary>
    public bool TracksSource { get; init; }

    /// <summary>The own interface's link does not matter.</summary>
    public bool IgnoresOwnLink { get; init; }

    /// <summary>FAULT for ever: no peers where there must be some.</summary>
    public bool IsBarred { get; init; }

    /// <summary>While master, packets to and from its addresses are kept from this host's own programs.</summary>
    public bool IsFiltered { get; init; }

    /// <summary>When an interface's first address goes, the others of its network stay.</summary>
    public bool PromotesSecondaries { get; init; }

    /// <summary>Addresses while master; the advertised come first.</summary>
    public IReadOnlyList<ConfiguredAddress> Addresses { get; init; } = [];

    /// <summary>Routes while master.</summary>
    public IReadOnlyList<RoutePlan> Routes { get; init; } = [];

    /// <summary>Policy rules while master.</summary>
    public IReadOnlyList<RulePlan> Rules { get; init; } = [];

    /// <summary>Those of them that are missed when another program deletes them.</summary>
    public IReadOnlySet<RouteKey> GuardedRoutes { get; init; } = new HashSet<RouteKey>();

    /// <summary>What it tracks, with its group's.</summary>
    public Tracking Tracking { get; init; } = new();

    /// <summary>The name of the virtual MAC's interface; null without.</summary>
    public string? VirtualMacName { get; init; }

    /// <summary>Whether that name was given, and no other may be taken.</summary>
    public bool IsVirtualMacNameGiven { get; init; }

    /// <summary>The virtual MAC.</summary>
    public MacAddress VirtualMac { get; init; }

    /// <summary>Adverts leave from the interface itself.</summary>
    public bool TransmitsFromBase { get; init; }

    /// <summary>The least room for adverts that wait, in octets as SO_RCVBUF counts; 0 for the kernel's default.</summary>
    public int ReceiveBuffer { get; init; }

    /// <summary>Mail tells of its states.</summary>
    public bool SendsMail { get; init; }

    /// <summary>The scripts.</summary>
    public NotifyScripts Notify { get; init; } = new();

    /// <summary>Changes of priority go to the pipes.</summary>
    public bool NotifiesPriority { get; init; }

    /// <summary>The group's name, or null.</summary>
    public string? Group { get; init; }

    /// <summary>The name.</summary>
    public string Name => Options.Name;

    /// <summary>What a reload knows it again by: not its name.</summary>
    public (byte Id, IpFamily Family, string Interface, bool IsUnicast, IpAddress Source) Identity =>
        (Options.RouterId, Options.Family, Interface, Options.IsUnicast, Options.IsUnicast ? Source : default);
}
