namespace NetVS.Director.Protocols;

/// <summary>TCP's states; values as IPVS's, which its sync messages carry (reference §6.1).</summary>
internal enum TcpState : byte
{
    /// <summary>Nothing seen yet.</summary>
    None = 0,

    /// <summary>Open both ways.</summary>
    Established = 1,

    /// <summary>The real server sent a SYN of its own.</summary>
    SynSent = 2,

    /// <summary>The client's SYN was forwarded.</summary>
    SynReceived = 3,

    /// <summary>The real server closed first; seen one way only, the client closed.</summary>
    FinWait = 4,

    /// <summary>Both sides closed.</summary>
    TimeWait = 5,

    /// <summary>Reset, or a segment that made no sense.</summary>
    Close = 6,

    /// <summary>The client closed first.</summary>
    CloseWait = 7,

    /// <summary>Waiting for the last acknowledgement.</summary>
    LastAck = 8,

    /// <summary>Not reached by any packet; kept for its number.</summary>
    Listen = 9,

    /// <summary>secure_tcp: the real server's SYN+ACK was seen.</summary>
    SynAck = 10,
}
