namespace NetVS.Vrrp.Machine;

/// <summary>What happened to a virtual router, for the log.</summary>
public enum VirtualRouterEvent
{
    /// <summary>It entered BACKUP; the number is 1 at start.</summary>
    EnteredBackup,

    /// <summary>It entered MASTER.</summary>
    EnteredMaster,

    /// <summary>It entered FAULT; the number is 1 at start.</summary>
    EnteredFault,

    /// <summary>No advert came in time.</summary>
    AdvertTimeout,

    /// <summary>Backup: an advert of lower priority (the number) was discarded.</summary>
    DiscardedLowerPriority,

    /// <summary>Master: an advert of lower priority (the number) was answered.</summary>
    ForcedElection,

    /// <summary>Master: an advert of higher priority (the number) came.</summary>
    HigherPriority,

    /// <summary>Master: an advert of the same priority came from a higher address.</summary>
    HigherAddress,

    /// <summary>Two routers claim to own the addresses; the own priority is 254 from now on.</summary>
    TwoOwners,

    /// <summary>Another router is master besides this one: the address is the other's.</summary>
    TwoMasters,

    /// <summary>A master of lower priority is left alone for a while.</summary>
    PreemptDelayStarted,

    /// <summary>A better master ended that.</summary>
    PreemptDelayStopped,

    /// <summary>The effective priority changed to the number.</summary>
    PriorityChanged,

    /// <summary>An advert was not taken; the number is the <see cref="Wire.AdvertProblem"/>.</summary>
    AdvertRefused,

    /// <summary>Unicast checksums are of the old kind from now on.</summary>
    OldChecksum,

    /// <summary>The addresses were taken away by another program.</summary>
    AddressesLost,

    /// <summary>An advert that is answered at once came too soon after the last one; the number is how many did.</summary>
    AnswerSpared,
}
