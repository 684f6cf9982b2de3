namespace NetVS.Keepalived.Model;

/// <summary>When gratuitous ARP and unsolicited neighbour advertisements are sent; null where the default applies.</summary>
public sealed record GarpSettings
{
    /// <summary>From becoming master to the second set; 0 for none.</summary>
    public TimeSpan? MasterDelay { get; init; }

    /// <summary>Packets for each address in a set.</summary>
    public int? MasterRepeat { get; init; }

    /// <summary>Between sets while master; 0 for none.</summary>
    public TimeSpan? MasterRefresh { get; init; }

    /// <summary>Packets for each address in such a set.</summary>
    public int? MasterRefreshRepeat { get; init; }

    /// <summary>After an advert of lower priority, to the second set.</summary>
    public TimeSpan? LowerPriorityDelay { get; init; }

    /// <summary>Packets after an advert of lower priority; 0 for none.</summary>
    public int? LowerPriorityRepeat { get; init; }

    /// <summary>Between two gratuitous ARP packets on an interface.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>Between two neighbour advertisements on an interface.</summary>
    public TimeSpan? NeighbourInterval { get; init; }

    /// <summary>One packet, no second set, where nothing else is said.</summary>
    public bool IsMinimal { get; init; }

    /// <summary>Between packets on virtual-MAC interfaces that send no adverts.</summary>
    public TimeSpan? ExtraInterval { get; init; }

    /// <summary>The same on all interfaces.</summary>
    public bool IsExtraForAll { get; init; }
}
