namespace NetVS.Director.Protocols;

/// <summary>What an SCTP packet means to the state machine: the order is that of the table's rows (reference §6.3).</summary>
internal enum SctpEvent : byte
{
    /// <summary>DATA, SACK, HEARTBEAT and all that has no row of its own.</summary>
    Data,

    /// <summary>INIT.</summary>
    Init,

    /// <summary>INIT ACK.</summary>
    InitAck,

    /// <summary>COOKIE ECHO.</summary>
    CookieEcho,

    /// <summary>COOKIE ACK.</summary>
    CookieAck,

    /// <summary>SHUTDOWN.</summary>
    Shutdown,

    /// <summary>SHUTDOWN ACK.</summary>
    ShutdownAck,

    /// <summary>SHUTDOWN COMPLETE.</summary>
    ShutdownComplete,

    /// <summary>ERROR.</summary>
    Error,

    /// <summary>ABORT, as the first chunk or behind COOKIE ECHO or COOKIE ACK.</summary>
    Abort,
}
