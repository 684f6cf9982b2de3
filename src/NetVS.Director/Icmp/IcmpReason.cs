namespace NetVS.Director.Icmp;

/// <summary>What an ICMP error of the director's says; type and code differ by family (reference §9.4).</summary>
internal enum IcmpReason : byte
{
    /// <summary>No destination for the service's port: 3/3, 1/4.</summary>
    PortUnreachable,

    /// <summary>No route, or the next hop does not answer: 3/1, 1/3.</summary>
    HostUnreachable,

    /// <summary>A prohibit route: 3/13, 1/1.</summary>
    Prohibited,

    /// <summary>TTL or hop limit used up: 11/0, 3/0.</summary>
    TimeExceeded,

    /// <summary>Exceeds the IP MTU of the next hop, which the message carries: 3/4, 2/0.</summary>
    TooBig,
}
