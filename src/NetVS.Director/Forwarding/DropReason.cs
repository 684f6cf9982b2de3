namespace NetVS.Director.Forwarding;

/// <summary>Why a packet was dropped. Each has a counter, a metric and a sentence (<see cref="DropReasons"/>).</summary>
/// <remarks>
/// This list is the only one: the counter's name is made from the member's, the sentence is its attribute, and a member
/// without one fails at start. A packet that the director answered with an ICMP message counts here as well.
/// </remarks>
public enum DropReason : byte
{
    /// <summary>The packet was not dropped.</summary>
    [ReasonText("The packet was not dropped.")]
    None = 0,

    /// <summary>The frame ends inside its Ethernet header or VLAN tags.</summary>
    [ReasonText("The frame ends inside its Ethernet header or VLAN tags.")]
    TruncatedEthernet,

    /// <summary>The IPv4 header is cut off or contradicts itself.</summary>
    [ReasonText("The IPv4 header is cut off, has a wrong version or an impossible header length.")]
    BadIpv4Header,

    /// <summary>The IPv4 header checksum is wrong.</summary>
    [ReasonText("The IPv4 header checksum is wrong: the packet was damaged on its way.")]
    BadIpv4Checksum,

    /// <summary>The IPv6 header or its extension headers are cut off or contradict themselves.</summary>
    [ReasonText("The IPv6 header or its extension headers are cut off, malformed or too many.")]
    BadIpv6Header,

    /// <summary>The IP length exceeds the frame.</summary>
    [ReasonText("The IP header announces more octets than the frame has.")]
    LyingLength,

    /// <summary>The TCP or UDP header is cut off or contradicts itself.</summary>
    [ReasonText("The TCP, UDP or ICMP header is cut off or announces an impossible length.")]
    BadTransportHeader,

    /// <summary>The CRC32c of an SCTP packet is wrong, and would have been made right.</summary>
    [ReasonText("The CRC32c of an SCTP packet whose ports change is wrong: the packet was damaged on its way, and a new checksum would hide it.")]
    BadSctpChecksum,

    /// <summary>A fragment of an SCTP packet whose ports change.</summary>
    [ReasonText("A fragment of an SCTP packet whose ports change: its CRC32c is over the whole packet, which is not here.")]
    FragmentedSctp,

    /// <summary>A persistence engine found nothing to recognise the client by.</summary>
    [ReasonText("The service's persistence engine found nothing to recognise the client by (sip: a datagram with a Call-ID of 255 octets at most).")]
    NoPersistenceKey,

    /// <summary>The checksum of a control connection's segment is wrong.</summary>
    [ReasonText("The TCP checksum of a segment that a helper reads (FTP's control connection) is wrong: the packet was damaged on its way.")]
    BadHelpedChecksum,

    /// <summary>There are too many control connections.</summary>
    [ReasonText("There are 65536 control connections with a helper (FTP) already; a new one was refused.")]
    HelperSessionsFull,

    /// <summary>Too many data connections are expected.</summary>
    [ReasonText("A control connection (FTP) announced a data connection, and has 64 of them already, or 65536 are expected in all; its segment was dropped.")]
    ExpectationsFull,

    /// <summary>A segment repeats a part of a text that was replaced.</summary>
    [ReasonText("A real server repeated a part of a text that a helper had replaced; the client has all of it, and half of it would not fit.")]
    HelperConflict,

    /// <summary>The source address cannot be a sender's.</summary>
    [ReasonText("The source address is a loopback, broadcast or multicast address and cannot be forwarded.")]
    BadSourceAddress,

    /// <summary>The service has no destination that may take a new connection.</summary>
    [ReasonText("The service has no available real server (none configured, all of weight 0 or overloaded); the client gets ICMP port unreachable.")]
    NoDestination,

    /// <summary>A connection past the real servers leads to the director itself.</summary>
    [ReasonText("cache_bypass sends the connection's packets on to where they are sent, and that is the director itself: only what is for others is passed on.")]
    BypassToSelf,

    /// <summary>The connection's real server was deleted.</summary>
    [ReasonText("The connection's real server was deleted; set expire_nodest_conn to 1 to end such connections instead.")]
    DestinationUnavailable,

    /// <summary>A real server sent a packet without a connection, and <c>nat_icmp_send</c> is set.</summary>
    [ReasonText("A NAT real server sent a packet that belongs to no connection; nat_icmp_send is set, so it gets ICMP port unreachable.")]
    NoConnection,

    /// <summary>The connection table is full.</summary>
    [ReasonText("The connection table is full, or there are as many connections as conn_max allows: a new one was refused. Raise --max-connections, or conn_max.")]
    TableFull,

    /// <summary>The connection is over, and its service says that its ends are to be reset.</summary>
    [ReasonText("The segment belongs to a connection that has expired or whose real server was removed; its service says --reset, so its sender got a reset.")]
    ConnectionReset,

    /// <summary>The service has as many connections as it lets be.</summary>
    [ReasonText("The service has as many connections as its max-connections allows; a new one was refused.")]
    ServiceLimit,

    /// <summary>The client has as many connections as its service lets it have.</summary>
    [ReasonText("The client has as many connections to the service as its max-per-client allows; a new one was refused.")]
    ClientLimit,

    /// <summary>drop_packet.</summary>
    [ReasonText("drop_packet is active: one in so many packets that would begin a connection is dropped, because memory is short or the setting says always.")]
    DropPacket,

    /// <summary>One client's end has too many connections.</summary>
    [ReasonText("One client address and port has 64 connections to different virtual ends already; a new one was refused.")]
    ClientEndFull,

    /// <summary>The TTL or hop limit is used up.</summary>
    [ReasonText("The TTL or hop limit is used up; the sender gets ICMP time exceeded.")]
    TtlExpired,

    /// <summary>The packet does not fit the path and must not be fragmented.</summary>
    [ReasonText("The packet exceeds the IP MTU towards its destination and must not be fragmented; the sender gets ICMP too big.")]
    PacketTooBig,

    /// <summary>The IP MTU left inside the tunnel is below the family's minimum.</summary>
    [ReasonText("The route to the real server leaves a tunnel less than 68 (IPv4) or 1280 (IPv6) octets of IP MTU.")]
    TunnelMtuTooSmall,

    /// <summary>There is no route to the real server or back to the client.</summary>
    [ReasonText("There is no route to the real server, or back to the client; the sender gets ICMP host unreachable.")]
    NoRoute,

    /// <summary>A blackhole route swallowed the packet.</summary>
    [ReasonText("A blackhole route leads to the packet's destination.")]
    RouteBlackhole,

    /// <summary>A route forbids the packet.</summary>
    [ReasonText("A prohibit route leads to the packet's destination; the sender gets ICMP communication prohibited.")]
    RouteProhibited,

    /// <summary>The next hop's neighbour does not answer, or its interface is down.</summary>
    [ReasonText("The next hop does not answer ARP or neighbour discovery, or its interface is down.")]
    NextHopUnreachable,

    /// <summary>The next hop was not resolved in time.</summary>
    [ReasonText("The packet waited for its next hop's MAC address longer than a second.")]
    NextHopTimeout,

    /// <summary>Too many packets wait for next hops.</summary>
    [ReasonText("Too many packets wait for the next hop's MAC address; the oldest gave way.")]
    NextHopQueueFull,

    /// <summary>The frame has no room to grow, or became several and nobody takes them.</summary>
    [ReasonText("The packet had to grow or become several, and the link left no room for that.")]
    NoFrameRoom,

    /// <summary>An unsegmented frame could not be cut into segments.</summary>
    [ReasonText("An unsegmented (GSO) frame could not be cut into segments: its offload description contradicts its headers.")]
    BadOffload,

    /// <summary>FULLNAT: the service has no local address.</summary>
    [ReasonText("The service has a FULLNAT real server but no local address; add one with ipvsadm -P.")]
    NoLocalAddress,

    /// <summary>FULLNAT: every port of every local address is in use towards the real server.</summary>
    [ReasonText("Every port of every local address is in use towards the chosen real server; add local addresses with ipvsadm -P.")]
    LocalPortsExhausted,

    /// <summary>An ICMP message's checksum is wrong.</summary>
    [ReasonText("An ICMP error about a connection has a wrong checksum.")]
    BadIcmpChecksum,

    /// <summary>An ICMP error quotes a TCP segment that cannot be on its way.</summary>
    [ReasonText("An ICMP error quotes a TCP sequence number farther than icmp_seq_window from the last one known: it may be forged. In the fast path the first error is dropped in any case, and the next one about a segment that was seen is believed.")]
    IcmpSequence,

    /// <summary>An ICMP error came in fragments.</summary>
    [ReasonText("An ICMP error came in fragments; no sender has a reason for that.")]
    FragmentedIcmpError,

    /// <summary>An ICMP error about a tunnel of ours; learned from, and answered where it concerns the client.</summary>
    [ReasonText("An ICMP error about a tunnel of the director's own was taken in: learned from, and passed on to the client where it matters.")]
    TunnelErrorTaken,

    /// <summary>A fragment came before the first one of its datagram, or its first one was forgotten.</summary>
    [ReasonText("A fragment came before the first fragment of its datagram (only that one says the ports), or later than 30 seconds after it.")]
    FragmentWithoutFirst,

    /// <summary>A first fragment ends before the ports and flags.</summary>
    [ReasonText("A first fragment is too small to hold the transport header, or a second one overlaps it (RFC 1858).")]
    FragmentTiny,

    /// <summary>A fragment overlaps another one of its datagram.</summary>
    [ReasonText("A fragment overlaps another one of its datagram; the rest of the datagram is dropped too (RFC 5722).")]
    FragmentOverlap,

    /// <summary>A fragment repeats octets that have passed.</summary>
    [ReasonText("A fragment repeats octets of its datagram that have passed already.")]
    FragmentDuplicate,

    /// <summary>A fragment would end beyond the largest packet there is, or has a length no fragment can have.</summary>
    [ReasonText("A fragment would end beyond 65535 octets, is empty, or is not the last and no multiple of 8 octets long.")]
    FragmentOversize,

    /// <summary>The queue between two workers is full.</summary>
    [ReasonText("The packet belongs to another worker, whose queue is full: the machine is overloaded.")]
    HandOverFull,

    /// <summary>The link would not take the frame.</summary>
    [ReasonText("The link's transmit ring is full, or its interface is gone or down.")]
    TransmitFailed,

    /// <summary>The packet could not be handed to the director's own stack.</summary>
    [ReasonText("The packet could not be handed to the director's own network stack.")]
    StackUnavailable,
}
