namespace NetVS.Vrrp.Machine;

/// <summary>The states of a virtual router (RFC 9568 §6.4; FAULT is its Initialize with a reason). The numbers are keepalived's.</summary>
public enum VirtualRouterState
{
    /// <summary>Not started, or waiting for a first result of what it tracks.</summary>
    Initial = 0,

    /// <summary>Another is master, or may be.</summary>
    Backup = 1,

    /// <summary>It has the addresses.</summary>
    Master = 2,

    /// <summary>It cannot be master.</summary>
    Fault = 3,
}
