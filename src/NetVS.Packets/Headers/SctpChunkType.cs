namespace NetVS.Packets.Headers;

/// <summary>SCTP chunk types, RFC 9260 §3.2.</summary>
public enum SctpChunkType : byte
{
    /// <summary>DATA.</summary>
    Data = 0,

    /// <summary>INIT.</summary>
    Init = 1,

    /// <summary>INIT ACK.</summary>
    InitAck = 2,

    /// <summary>SACK.</summary>
    Sack = 3,

    /// <summary>HEARTBEAT.</summary>
    Heartbeat = 4,

    /// <summary>HEARTBEAT ACK.</summary>
    HeartbeatAck = 5,

    /// <summary>ABORT.</summary>
    Abort = 6,

    /// <summary>SHUTDOWN.</summary>
    Shutdown = 7,

    /// <summary>SHUTDOWN ACK.</summary>
    ShutdownAck = 8,

    /// <summary>ERROR.</summary>
    Error = 9,

    /// <summary>COOKIE ECHO.</summary>
    CookieEcho = 10,

    /// <summary>COOKIE ACK.</summary>
    CookieAck = 11,

    /// <summary>SHUTDOWN COMPLETE.</summary>
    ShutdownComplete = 14,
}
