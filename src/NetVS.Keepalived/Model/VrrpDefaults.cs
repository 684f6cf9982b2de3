using NetVS.Packets;

namespace NetVS.Keepalived.Model;

/// <summary>What holds for every VRRP instance that says nothing else.</summary>
public sealed record VrrpDefaults
{
    /// <summary>2 or 3, for IPv4.</summary>
    public int Version { get; init; } = 2;

    /// <summary>Strict adherence to the protocol.</summary>
    public bool IsStrict { get; init; }

    /// <summary>The IPv4 group; none for 224.0.0.18.</summary>
    public IpAddress MulticastGroup4 { get; init; }

    /// <summary>The IPv6 group; none for ff02::12.</summary>
    public IpAddress MulticastGroup6 { get; init; }

    /// <summary>Gratuitous ARP.</summary>
    public GarpSettings Garp { get; init; } = new();

    /// <summary>Adverts that may be missed.</summary>
    public int? DownTimerAdverts { get; init; }

    /// <summary>No advert in answer to a lower priority.</summary>
    public bool LowerPriorityNoAdvert { get; init; }

    /// <summary>One advert before yielding.</summary>
    public bool HigherPrioritySendAdvert { get; init; }

    /// <summary>Addresses in adverts of the same master are not compared again.</summary>
    public bool SkipsAddressCheck { get; init; }

    /// <summary>Unicast adverts must come from a peer.</summary>
    public bool ChecksUnicastSource { get; init; }

    /// <summary>Everything is backup for this long.</summary>
    public TimeSpan StartupDelay { get; init; }

    /// <summary>Changes of priority go to the pipes.</summary>
    public bool NotifiesPriority { get; init; }

    /// <summary>States go to the pipes again after a reload.</summary>
    public bool RepeatsStatesOnReload { get; init; }

    /// <summary>Adverts for unknown ids are logged.</summary>
    public bool LogsUnknownIds { get; init; }

    /// <summary>No IGMP for the group.</summary>
    public bool DisablesLocalIgmp { get; init; }

    /// <summary>The beginning of virtual-MAC interfaces' names.</summary>
    public string VirtualMacPrefix { get; init; } = "vrrp";

    /// <summary>The same for interfaces of use_vmac_addr.</summary>
    public string? VirtualMacAddressPrefix { get; init; }
}
