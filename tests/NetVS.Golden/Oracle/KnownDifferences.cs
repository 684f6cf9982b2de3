namespace NetVS.Golden.Oracle;

/// <summary>What NetVS does otherwise than IPVS on purpose, by the names that <c>differs NAME</c> in a fixture uses.</summary>
/// <remarks>
/// A step that is excused must differ: an excuse that is not needed any more is a failure. Besides, the comparison never looks at what nobody can foresee
/// or what means nothing: the order of listings; what is drawn in packets of the director's own (see <see cref="NetVS.Testing.Packets"/>,
/// RecordedPacket); whole seconds that are one apart; entries whose time is up, which the kernel's timer wheel lets live up to an eighth longer; fragments
/// one by one, which the kernel puts together before it looks at them: all fragments of a fixture are compared at its end.
/// </remarks>
internal static class KnownDifferences
{
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["damaged-icmp"] = "an ICMP error with a wrong checksum begins no connection; IPVS makes it, then drops the error",
        ["forwarded-icmp"] = "an ICMP error to a marked address that is not the director's is routed once; IPVS meets it in forwarding, and takes two from its TTL",
        ["ftp-active"] = "an active data connection may come from any port of the real server; IPVS expects it from the port below the service's",
        ["ftp-split"] = "FTP commands in several segments are put together; IPVS sees single segments",
        ["icmp-quote-checksum"] = "in an error that NAT translates the quoted transport checksum follows the quoted ports (RFC 5508 §4.2); IPVS leaves it as it was",
        ["marked-icmp"] = "who sends a packet to a marked address that is not the director's is told what became of it, from that address; IPVS says nothing in IPv4, and in IPv6 says it from an address of its own",
        ["no-services"] = "the last service of a family is gone: packets of its connections are dropped; IPVS is off then, they go to the stack",
        ["ops-fragments"] = "a one-packet datagram in fragments counts as a connection while more of them may come; IPVS sees it whole",
        ["own-icmp-counted"] = "an ICMP message of the director's own about a DR or TUN connection is not counted; IPVS counts it as a packet going out",
        ["sctp-checksum"] = "a packet with a wrong CRC32c is dropped where its port changes; IPVS gives it a right one",
        ["tunnel-errors"] = "errors about tunnels are told to clients in IPv6 and between the families too, and are taken without a connection",
        ["tunnel-mtu"] = "the first error about a tunnel's path MTU says it to the client; IPVS says the old one, and the new one at the next packet",
        ["timer-wheel"] = "a packet comes when a connection's time is up: here it is gone, in the kernel it lives up to an eighth longer",
    };
}
