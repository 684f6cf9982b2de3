using NetVS.Keepalived.Language;
using System.Collections.Immutable;

namespace NetVS.Keepalived.Model;

/// <summary>A whole configuration, as it was written and corrected.</summary>
public sealed record KeepalivedConfiguration : IConfigurationBlock
{
    /// <summary>global_defs.</summary>
    public GlobalDefinitions Global { get; init; } = new();

    /// <summary>static_ipaddress.</summary>
    public ImmutableList<ConfiguredAddress> StaticAddresses { get; init; } = [];

    /// <summary>static_routes.</summary>
    public ImmutableList<RouteEntry> StaticRoutes { get; init; } = [];

    /// <summary>static_rules.</summary>
    public ImmutableList<RouteEntry> StaticRules { get; init; } = [];

    /// <summary>vrrp_script.</summary>
    public ImmutableList<VrrpScript> Scripts { get; init; } = [];

    /// <summary>vrrp_track_process.</summary>
    public ImmutableList<TrackProcess> Processes { get; init; } = [];

    /// <summary>track_file.</summary>
    public ImmutableList<TrackFile> Files { get; init; } = [];

    /// <summary>vrrp_sync_group.</summary>
    public ImmutableList<SyncGroup> SyncGroups { get; init; } = [];

    /// <summary>vrrp_instance.</summary>
    public ImmutableList<VrrpInstance> Instances { get; init; } = [];

    /// <summary>garp_group.</summary>
    public ImmutableList<GarpGroup> GarpGroups { get; init; } = [];

    /// <summary>track_group.</summary>
    public ImmutableList<TrackGroup> TrackGroups { get; init; } = [];

    /// <summary>interface_up_down_delays.</summary>
    public ImmutableList<LinkDelay> LinkDelays { get; init; } = [];

    /// <summary>linkbeat_interfaces.</summary>
    public ImmutableList<LinkBeat> LinkBeats { get; init; } = [];

    /// <summary>linkbeat_use_polling.</summary>
    public bool PollsAllLinks { get; init; }

    /// <summary>virtual_server_group.</summary>
    public ImmutableList<VirtualServerGroup> VirtualServerGroups { get; init; } = [];

    /// <summary>virtual_server.</summary>
    public ImmutableList<VirtualServer> VirtualServers { get; init; } = [];

    /// <summary>local_address_group.</summary>
    public ImmutableList<LocalAddressGroup> LocalAddressGroups { get; init; } = [];

    /// <summary>SSL.</summary>
    public SslContext? Ssl { get; init; }

    /// <summary>bfd_instance.</summary>
    public ImmutableList<BfdInstance> BfdInstances { get; init; } = [];

    /// <summary>net_namespace.</summary>
    public string? NetworkNamespace { get; init; }

    /// <summary>net_namespace_ipvs; empty for the one the program started in.</summary>
    public string? IpvsNamespace { get; init; }

    /// <summary>namespace_with_ipsets.</summary>
    public bool HasIpsetsInNamespace { get; init; }

    /// <summary>instance.</summary>
    public string? Instance { get; init; }

    /// <summary>use_pid_dir.</summary>
    public bool UsesPidDirectory { get; init; }

    /// <summary>child_wait_time.</summary>
    public TimeSpan ChildWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public string Name => "";

    /// <summary>The beginning of the root file.</summary>
    public SourcePosition Position { get; init; }
}
