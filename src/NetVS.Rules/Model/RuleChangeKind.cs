namespace NetVS.Rules;

/// <summary>What a <see cref="RuleChange"/> does.</summary>
public enum RuleChangeKind : byte
{
    /// <summary>Another list of mark rules, in place of the whole former one.</summary>
    SetMarks,

    /// <summary>A service that was not there.</summary>
    AddService,

    /// <summary>Other properties for a service that stays.</summary>
    EditService,

    /// <summary>A local address for a service.</summary>
    AddLocalAddress,

    /// <summary>A destination for a service.</summary>
    AddDestination,

    /// <summary>Other properties for a destination that stays.</summary>
    EditDestination,

    /// <summary>A destination goes; its connections follow the director's rules for that.</summary>
    DeleteDestination,

    /// <summary>A local address goes; connections that use it live on.</summary>
    DeleteLocalAddress,

    /// <summary>A service goes, with its destinations.</summary>
    DeleteService,
}
