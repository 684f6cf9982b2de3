namespace NetVS.Packets.Headers;

/// <summary>TCP option kinds this project knows (IANA "TCP Option Kind Numbers").</summary>
public enum TcpOptionKind : byte
{
    /// <summary>End of the option list; one octet.</summary>
    EndOfList = 0,

    /// <summary>Padding; one octet.</summary>
    NoOperation = 1,

    /// <summary>Maximum segment size, RFC 9293 §3.2; length 4.</summary>
    MaximumSegmentSize = 2,

    /// <summary>Window scale, RFC 7323; length 3.</summary>
    WindowScale = 3,

    /// <summary>Selective acknowledgments permitted, RFC 2018; length 2.</summary>
    SackPermitted = 4,

    /// <summary>Selective acknowledgments, RFC 2018; length 2 + 8 per block.</summary>
    Sack = 5,

    /// <summary>Timestamps, RFC 7323; length 10.</summary>
    Timestamps = 8,

    /// <summary>253, experimental (RFC 4727): the client's IPv6 address in some FULLNAT implementations; only read.</summary>
    ClientAddressV6Old = 253,

    /// <summary>254, experimental (RFC 4727): the client's address and port ("TOA"); length 8 or 20.</summary>
    ClientAddress = 254,
}
