namespace NetVS.Vrrp.Wire;

/// <summary>Why an advert was not taken; each has a counter and a sentence (<see cref="AdvertProblems"/>).</summary>
public enum AdvertProblem
{
    /// <summary>It was taken.</summary>
    None,

    /// <summary>The instance is in FAULT or not started: it does not listen.</summary>
    NotListening,

    /// <summary>It has an authentication header, which the instance does not use.</summary>
    UnexpectedAuthenticationHeader,

    /// <summary>It has none, and should.</summary>
    MissingAuthenticationHeader,

    /// <summary>Shorter than its address count and version say.</summary>
    TooShort,

    /// <summary>Longer.</summary>
    TooLong,

    /// <summary>Multicast with a time to live other than 255: it was forwarded (RFC 9568 §5.1.1.3).</summary>
    Ttl,

    /// <summary>Another version.</summary>
    Version,

    /// <summary>Version 2: no kind of authentication there is.</summary>
    UnknownAuthenticationType,

    /// <summary>Version 2: another kind of authentication.</summary>
    AuthenticationType,

    /// <summary>Version 2: another password.</summary>
    Password,

    /// <summary>Authentication header: the check value is wrong.</summary>
    AuthenticationCheck,

    /// <summary>Authentication header: the index is not the sender's address.</summary>
    AuthenticationIndex,

    /// <summary>Authentication header: the sequence number was seen already.</summary>
    Replayed,

    /// <summary>Version 2: another interval.</summary>
    Interval,

    /// <summary>No advertisement.</summary>
    Type,

    /// <summary>Another number of addresses.</summary>
    AddressCount,

    /// <summary>IPv4: the total length is not that of what was received.</summary>
    TotalLength,

    /// <summary>A wrong checksum.</summary>
    Checksum,

    /// <summary>Unicast where multicast is expected.</summary>
    UnexpectedUnicast,

    /// <summary>Multicast where unicast is expected.</summary>
    UnexpectedMulticast,

    /// <summary>An own address is not among the advertised.</summary>
    AddressMissing,

    /// <summary>Unicast from one who is no peer.</summary>
    UnknownPeer,

    /// <summary>Unicast with a time to live outside the peer's bounds.</summary>
    PeerTtl,

    /// <summary>From the own address with the own priority: a reflected advert, or an address given twice.</summary>
    OwnAddress,
}
