namespace NetVS.Rules;

/// <summary>How a command on the rules ended; the names and values are Linux's errno, as IPVS returns them.</summary>
/// <remarks>ipvsadm's messages are chosen by command and status (reference §12.5), so the status is the contract.</remarks>
public enum RuleStatus
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>Not permitted.</summary>
    EPERM = 1,

    /// <summary>No such destination, scheduler or persistence engine.</summary>
    ENOENT = 2,

    /// <summary>No such service.</summary>
    ESRCH = 3,

    /// <summary>No memory, or a table is full.</summary>
    ENOMEM = 12,

    /// <summary>Service or destination exists already.</summary>
    EEXIST = 17,

    /// <summary>No such interface.</summary>
    ENODEV = 19,

    /// <summary>A value that makes no sense.</summary>
    EINVAL = 22,

    /// <summary>A number out of range.</summary>
    ERANGE = 34,

    /// <summary>Understood, but not supported by this version; the result's detail says what.</summary>
    EOPNOTSUPP = 95,

    /// <summary>Unknown address family.</summary>
    EAFNOSUPPORT = 97,

    /// <summary>An interface has no address of the family that is needed.</summary>
    EADDRNOTAVAIL = 99,
}
