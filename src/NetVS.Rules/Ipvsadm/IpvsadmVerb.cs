namespace NetVS.Rules.Ipvsadm;

/// <summary>What one ipvsadm command line does; exactly one per line.</summary>
public enum IpvsadmVerb : byte
{
    /// <summary><c>-A</c>.</summary>
    AddService,

    /// <summary><c>-E</c>.</summary>
    EditService,

    /// <summary><c>-D</c>.</summary>
    DeleteService,

    /// <summary><c>-C</c>: deletes everything.</summary>
    Flush,

    /// <summary><c>-L</c>, <c>-l</c>, and a line without arguments.</summary>
    List,

    /// <summary><c>-a</c>.</summary>
    AddServer,

    /// <summary><c>-d</c>.</summary>
    DeleteServer,

    /// <summary><c>-e</c>.</summary>
    EditServer,

    /// <summary><c>--set</c>: the three timeouts.</summary>
    SetTimeouts,

    /// <summary><c>--start-daemon</c>.</summary>
    StartDaemon,

    /// <summary><c>--stop-daemon</c>.</summary>
    StopDaemon,

    /// <summary><c>-R</c>: runs command lines from standard input.</summary>
    Restore,

    /// <summary><c>-S</c>: prints command lines that make the rules again.</summary>
    Save,

    /// <summary><c>-Z</c>: zeroes counters.</summary>
    Zero,

    /// <summary><c>-P</c>: adds a FULLNAT local address to a service.</summary>
    AddLocalAddress,

    /// <summary><c>-Q</c>: deletes a FULLNAT local address of a service.</summary>
    DeleteLocalAddress,

    /// <summary><c>-G</c>: lists FULLNAT local addresses.</summary>
    ListLocalAddresses,

    /// <summary><c>-h</c>.</summary>
    Help,

    /// <summary><c>-v</c>.</summary>
    Version,
}
