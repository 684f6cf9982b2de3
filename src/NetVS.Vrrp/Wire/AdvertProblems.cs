namespace NetVS.Vrrp.Wire;

/// <summary>The counters' names and the operator's sentences of <see cref="AdvertProblem"/>.</summary>
public static class AdvertProblems
{
    private static readonly (string Name, string Meaning)[] s_texts = [.. Enum.GetValues<AdvertProblem>().Select(Text)];

    /// <summary>How many there are, the first being <see cref="AdvertProblem.None"/>.</summary>
    public static int Count => s_texts.Length;

    /// <summary>The counter's name.</summary>
    public static string NameOf(AdvertProblem problem) => s_texts[(int)problem].Name;

    /// <summary>The sentence.</summary>
    public static string MeaningOf(AdvertProblem problem) => s_texts[(int)problem].Meaning;

    private static (string Name, string Meaning) Text(AdvertProblem problem) => problem switch
    {
        AdvertProblem.None => ("accepted", "valid"),
        AdvertProblem.NotListening => ("not_listening", "received while in FAULT: not looked at"),
        AdvertProblem.UnexpectedAuthenticationHeader => ("ah_unexpected", "Received AH header but auth type not AH: take auth_type AH out there, or set it here"),
        AdvertProblem.MissingAuthenticationHeader => ("ah_missing", "No AH header but auth type is AH: set auth_type AH there, or take it out here"),
        AdvertProblem.TooShort => ("too_short", "vrrp packet too short: it was cut, or the sender speaks another version"),
        AdvertProblem.TooLong => ("too_long", "vrrp packet too long: it was padded, or the sender speaks another version"),
        AdvertProblem.Ttl => ("ttl", "invalid TTL/HL, not 255: a router forwarded it, or it was forged from afar"),
        AdvertProblem.Version => ("version", "wrong version: set the same vrrp_version on all routers"),
        AdvertProblem.UnknownAuthenticationType => ("auth_type_unknown", "Invalid auth type: there are none, PASS and AH"),
        AdvertProblem.AuthenticationType => ("auth_type_mismatch", "another auth_type than here: write the same authentication block on all routers"),
        AdvertProblem.Password => ("auth_password", "received an invalid passwd: write the same auth_pass on all routers"),
        AdvertProblem.AuthenticationCheck => ("auth_check", "AH: the check value is wrong: another auth_pass, or it was forged"),
        AdvertProblem.AuthenticationIndex => ("auth_index", "AH: the index is not the sender's address"),
        AdvertProblem.Replayed => ("auth_replay", "AH: the sequence number was seen before: replayed, or two senders at once"),
        AdvertProblem.Interval => ("interval", "advertisement interval mismatch: write the same advert_int on all routers"),
        AdvertProblem.Type => ("type", "Invalid packet type: only advertisements (1) exist"),
        AdvertProblem.AddressCount => ("address_count", "received an unexpected ip number count: write the same virtual_ipaddress on all routers"),
        AdvertProblem.TotalLength => ("total_length", "ip_tot_len mismatch against received length"),
        AdvertProblem.Checksum => ("checksum", "invalid VRRP checksum: damaged, or another convention for version 3 over IPv4"),
        AdvertProblem.UnexpectedUnicast => ("unicast", "Expected multicast packet but received unicast packet: take unicast_peer out there, or add it here"),
        AdvertProblem.UnexpectedMulticast => ("multicast", "Expected unicast packet but received multicast packet: add unicast_peer there, or take it out here"),
        AdvertProblem.AddressMissing => ("address_missing", "an own address is not present in MASTER advert: write the same virtual_ipaddress on all routers"),
        AdvertProblem.UnknownPeer => ("unknown_peer", "unicast source address not a unicast peer: add it to unicast_peer, or someone forges"),
        AdvertProblem.PeerTtl => ("peer_ttl", "TTL/HL not in the peer's range: correct min_ttl and max_ttl, or someone forges"),
        AdvertProblem.OwnAddress => ("own_address", "from the own address with the own priority: a switch reflects it, or two routers have one address"),
        _ => throw new InvalidOperationException($"{problem} has no text"),
    };
}
