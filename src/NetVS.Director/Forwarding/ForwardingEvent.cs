namespace NetVS.Director.Forwarding;

/// <summary>What the packet path counts although no packet was dropped for it.</summary>
public enum ForwardingEvent : byte
{
    /// <summary>An ICMP message was generated.</summary>
    [ReasonText("The director sent an ICMP message of its own.")]
    IcmpSent = 0,

    /// <summary>An ICMP message was due but withheld by the rate limit.</summary>
    [ReasonText("An ICMP message was due, but the rate limit withheld it; see icmp_ratelimit.")]
    IcmpRateLimited,

    /// <summary>An ICMP message was due but may not be sent about such a packet.</summary>
    [ReasonText("An ICMP message was due, but none may be sent about such a packet (RFC 1122 §3.2.2, RFC 4443 §2.4).")]
    IcmpForbidden,

    /// <summary>A TCP reset was generated.</summary>
    [ReasonText("The director sent a TCP reset of its own, because a limit or the option --reset of a service says so.")]
    ResetSent,

    /// <summary>An end of a connection that is over was asked for its sequence numbers.</summary>
    [ReasonText("An end of a connection that is to be reset was asked for its sequence numbers, by a segment it can only answer.")]
    ProbeSent,

    /// <summary>A TOA option was put into a segment.</summary>
    [ReasonText("The client's address was put into a segment as a TOA option.")]
    ToaInserted,

    /// <summary>A segment that should carry TOA had no room for it.</summary>
    [ReasonText("A segment that should carry TOA had no room for it: its TCP header is full, or it fills the IP MTU.")]
    ToaNoRoom,

    /// <summary>A TOA option that came from a client was removed.</summary>
    [ReasonText("A client sent a TOA option of its own; it was removed, so that a real server cannot be lied to.")]
    ToaForged,

    /// <summary>A path MTU was learned from an error about a tunnel of ours.</summary>
    [ReasonText("A router reported a smaller path MTU towards a tunnelled real server; it is remembered for ten minutes.")]
    PathMtuLearned,

    /// <summary>A closing connection was replaced by its client's new SYN.</summary>
    [ReasonText("A client reused the port of a connection that was closing; the SYN was scheduled afresh at once.")]
    ConnectionReused,

    /// <summary>drop_entry ended a connection.</summary>
    [ReasonText("drop_entry ended a connection that was half open, or idle after a few packets, because memory is short or the setting says always.")]
    ConnectionGivenUp,

    /// <summary>A data connection was announced and is expected.</summary>
    [ReasonText("A control connection (FTP) announced a data connection, which is expected now.")]
    DataExpected,

    /// <summary>An expected data connection began.</summary>
    [ReasonText("The first packet of a data connection that was expected came.")]
    DataBegan,

    /// <summary>A helper replaced a text.</summary>
    [ReasonText("A helper replaced a real server's address in the text of a control connection by the virtual one.")]
    TextReplaced,

    /// <summary>A data connection to another host than the client was asked for.</summary>
    [ReasonText("A client asked by PORT or EPRT for a data connection to another host than itself; it was not expected, and will not pass.")]
    DataRefused,

    /// <summary>A real server's own packet began a connection in the reverse sense.</summary>
    [ReasonText("A real server of a service with a persistence engine (sip) sent a packet of its own accord, which began a connection in the reverse sense.")]
    BegunByServer,

    /// <summary>An ICMP error began a connection.</summary>
    [ReasonText("An ICMP error about a packet of no known connection began it, because schedule_icmp says so.")]
    BegunByError,

    /// <summary>A connection began that goes past the real servers.</summary>
    [ReasonText("A mark service had no real server, and cache_bypass says that the packet goes on to where it is sent; its connection is counted by no service.")]
    BegunPastServers,
}
