using NetVS.Keepalived.Language;
using NetVS.Packets;
using System.Collections.Immutable;

namespace NetVS.Keepalived.Model;

/// <summary>A vrrp_instance.</summary>
public sealed record VrrpInstance : IConfigurationBlock
{
    /// <summary>Where the block begins.</summary>
    public SourcePosition Position { get; init; }

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The interface.</summary>
    public string? Interface { get; init; }

    /// <summary>Where it is named.</summary>
    public SourcePosition InterfacePosition { get; init; }

    /// <summary>The virtual router id, 1 to 255; 0 if it was not given.</summary>
    public int RouterId { get; init; }

    /// <summary>The state keyword; null if it was not given.</summary>
    public bool? StartsAsMaster { get; init; }

    /// <summary>1 to 255; null if it was not given.</summary>
    public int? Priority { get; init; }

    /// <summary>Between adverts.</summary>
    public TimeSpan AdvertInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>2 or 3; null if it was not given.</summary>
    public int? Version { get; init; }

    /// <summary>The virtual addresses.</summary>
    public ImmutableList<ConfiguredAddress> Addresses { get; init; } = [];

    /// <summary>Those that are not advertised.</summary>
    public ImmutableList<ConfiguredAddress> ExcludedAddresses { get; init; } = [];

    /// <summary>Routes while master.</summary>
    public ImmutableList<RouteEntry> Routes { get; init; } = [];

    /// <summary>Rules while master.</summary>
    public ImmutableList<RouteEntry> Rules { get; init; } = [];

    /// <summary>Authentication, version 2 only.</summary>
    public Authentication? Authentication { get; init; }

    /// <summary>A lower master is left alone.</summary>
    public bool IsNonPreempting { get; init; }

    /// <summary>How long a lower master is left alone.</summary>
    public TimeSpan PreemptDelay { get; init; }

    /// <summary>The adverts' source; none for the interface's first.</summary>
    public IpAddress SourceAddress { get; init; }

    /// <summary>FAULT without the source address.</summary>
    public bool TracksSourceAddress { get; init; }

    /// <summary>Peers for unicast.</summary>
    public ImmutableList<UnicastPeer> Peers { get; init; } = [];

    /// <summary>Whether anything about unicast was said.</summary>
    public bool HasUnicastKeyword { get; init; }

    /// <summary>No peers means FAULT.</summary>
    public bool FaultsWithoutPeers { get; init; }

    /// <summary>Adverts must come from a peer.</summary>
    public bool? ChecksUnicastSource { get; init; }

    /// <summary>Time to live of unicast adverts.</summary>
    public int? UnicastTtl { get; init; }

    /// <summary>The old checksum of unicast version 3: empty for always, never, or null to learn it.</summary>
    public string? OldUnicastChecksum { get; init; }

    /// <summary>The group; none for the global one.</summary>
    public IpAddress MulticastGroup { get; init; }

    /// <summary>What it tracks.</summary>
    public Tracking Tracking { get; init; } = new();

    /// <summary>The own interface's link does not matter.</summary>
    public bool IgnoresOwnInterface { get; init; }

    /// <summary>A virtual MAC address.</summary>
    public bool UsesVirtualMac { get; init; }

    /// <summary>The name of its interface; null for a made one.</summary>
    public string? VirtualMacName { get; init; }

    /// <summary>The address; null for the standard's.</summary>
    public string? VirtualMac { get; init; }

    /// <summary>Adverts leave from the base interface.</summary>
    public bool TransmitsFromBase { get; init; }

    /// <summary>Virtual MACs for addresses on other interfaces.</summary>
    public bool UsesVirtualMacForAddresses { get; init; }

    /// <summary>The words of use_ipvlan; null without.</summary>
    public IReadOnlyList<string>? Ipvlan { get; init; }

    /// <summary>The VRF for unicast without an interface.</summary>
    public string? Vrf { get; init; }

    /// <summary>IPv6 even without addresses.</summary>
    public bool IsNativeIpv6 { get; init; }

    /// <summary>Whether packets to the addresses are accepted; null for the default.</summary>
    public bool? Accepts { get; init; }

    /// <summary>Strict adherence; null for the global setting.</summary>
    public bool? IsStrict { get; init; }

    /// <summary>Addresses in adverts of the same master are not compared again.</summary>
    public bool? SkipsAddressCheck { get; init; }

    /// <summary>The sysctl is set while it runs.</summary>
    public bool PromotesSecondaries { get; init; }

    /// <summary>Gratuitous ARP.</summary>
    public GarpSettings Garp { get; init; } = new();

    /// <summary>Adverts that may be missed.</summary>
    public int? DownTimerAdverts { get; init; }

    /// <summary>No advert in answer to a lower priority.</summary>
    public bool? LowerPriorityNoAdvert { get; init; }

    /// <summary>One advert before yielding.</summary>
    public bool? HigherPrioritySendAdvert { get; init; }

    /// <summary>Its scripts.</summary>
    public NotifyScripts Notify { get; init; } = new();

    /// <summary>Changes of priority go to the pipes.</summary>
    public bool? NotifiesPriority { get; init; }

    /// <summary>Whether mail is sent.</summary>
    public bool? SendsMail { get; init; }

    /// <summary>The interface of the old lvs_sync_daemon_interface.</summary>
    public string? SyncInterface { get; init; }

    /// <summary>Octets of the socket's buffer.</summary>
    public int? ReceiveBuffer { get; init; }

    /// <summary>The priority it starts with.</summary>
    public int BasePriority => Priority ?? (StartsAsMaster == true ? 255 : 100);

    /// <summary>Whether it owns its addresses.</summary>
    public bool IsOwner => BasePriority == 255;

    /// <summary>The family of its adverts.</summary>
    public IpFamily Family => Addresses.Count > 0 ? Addresses[0].Address.Family
        : IsNativeIpv6 ? IpFamily.V6 : SourceAddress.IsNone ? IpFamily.V4 : SourceAddress.Family;
}
