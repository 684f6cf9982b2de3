namespace NetVS.Vrrp.Machine;

/// <summary>What scripts and pipes are told about.</summary>
public enum Notification
{
    /// <summary>It is backup now.</summary>
    Backup,

    /// <summary>It is master now.</summary>
    Master,

    /// <summary>It is in FAULT now.</summary>
    Fault,

    /// <summary>It stops.</summary>
    Stop,

    /// <summary>A reload took it away.</summary>
    Deleted,

    /// <summary>As master it received an advert of lower priority.</summary>
    MasterReceivedLowerPriority,
}
