namespace NetVS.Director.Protocols;

/// <summary>SCTP's states; values as IPVS's, which its sync messages carry (reference §6.3).</summary>
internal enum SctpState : byte
{
    /// <summary>Nothing seen yet.</summary>
    None = 0,

    /// <summary>The client's first INIT.</summary>
    Init1 = 1,

    /// <summary>The client's INIT came again.</summary>
    Init = 2,

    /// <summary>The real server answered with its cookie.</summary>
    CookieSent = 3,

    /// <summary>The client sent the cookie back.</summary>
    CookieReplied = 4,

    /// <summary>The real server asks, the client has the cookie to send.</summary>
    CookieWait = 5,

    /// <summary>The client has sent its cookie.</summary>
    Cookie = 6,

    /// <summary>The real server has sent the client's cookie back.</summary>
    CookieEchoed = 7,

    /// <summary>Open both ways: the only state that counts as active.</summary>
    Established = 8,

    /// <summary>The real server shuts down.</summary>
    ShutdownSent = 9,

    /// <summary>The client shuts down.</summary>
    ShutdownReceived = 10,

    /// <summary>The shutdown was acknowledged.</summary>
    ShutdownAckSent = 11,

    /// <summary>Refused by an ABORT in the handshake.</summary>
    Rejected = 12,

    /// <summary>Over.</summary>
    Closed = 13,
}
