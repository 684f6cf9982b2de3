namespace NetVS.Control.Status;

/// <summary>A VRRP instance as it is.</summary>
public sealed record VrrpInstanceStatus
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>BACKUP, MASTER, FAULT or INIT.</summary>
    public required string State { get; init; }

    /// <summary>Since when it is in that state.</summary>
    public required TimeSpan InState { get; init; }

    /// <summary>Why it is in that state, and what would change it: a sentence.</summary>
    public required string Explanation { get; init; }

    /// <summary>The interface; empty where unicast needs none.</summary>
    public required string Interface { get; init; }

    /// <summary>virtual_router_id.</summary>
    public required int RouterId { get; init; }

    /// <summary>VRRP's version: 2 or 3.</summary>
    public required int Version { get; init; }

    /// <summary>The sync group, or null.</summary>
    public string? Group { get; init; }

    /// <summary>The priority it advertises.</summary>
    public required int Priority { get; init; }

    /// <summary>The priority that was configured.</summary>
    public required int BasePriority { get; init; }

    /// <summary>What is added to it, or keeps it in FAULT.</summary>
    public required IReadOnlyList<VrrpPriorityPart> PriorityParts { get; init; }

    /// <summary>advert_int.</summary>
    public required TimeSpan AdvertInterval { get; init; }

    /// <summary>The address adverts are sent from; null while there is none.</summary>
    public string? Source { get; init; }

    /// <summary>The unicast peers; empty for multicast.</summary>
    public required IReadOnlyList<string> Peers { get; init; }

    /// <summary>The addresses it has, or would have, as master.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>The master: another router's address, or the own one; null while none was heard.</summary>
    public string? Master { get; init; }

    /// <summary>That master's priority.</summary>
    public int MasterPriority { get; init; }

    /// <summary>Backup: until it becomes master if nobody is heard; null otherwise.</summary>
    public TimeSpan? UntilMaster { get; init; }

    /// <summary>Another router that was master besides this one; null if there was none.</summary>
    public string? OtherMaster { get; init; }

    /// <summary>Its adverts that came while this router was master.</summary>
    public long OtherMasterAdverts { get; init; }

    /// <summary>When the last of them came.</summary>
    public TimeSpan? SinceOtherMaster { get; init; }

    /// <summary>Adverts that left more than a tenth of their interval late.</summary>
    public long LateAdverts { get; init; }

    /// <summary>How late the latest left.</summary>
    public TimeSpan LongestDelay { get; init; }

    /// <summary>Counts since the start, by name.</summary>
    public required IReadOnlyDictionary<string, long> Counters { get; init; }

    /// <summary>Adverts that were not taken, by reason; reasons that never counted are left out.</summary>
    public required IReadOnlyDictionary<string, long> Refused { get; init; }
}
