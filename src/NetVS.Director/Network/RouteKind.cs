namespace NetVS.Director.Network;

/// <summary>What a route does with a packet; as the kernel's RTN_* types.</summary>
public enum RouteKind : byte
{
    /// <summary>No route.</summary>
    None = 0,

    /// <summary>To a neighbour, or through a gateway.</summary>
    Unicast,

    /// <summary>To the director itself.</summary>
    Local,

    /// <summary>A broadcast address of a network the director is in.</summary>
    Broadcast,

    /// <summary>A multicast group.</summary>
    Multicast,

    /// <summary>Refused with ICMP host unreachable.</summary>
    Unreachable,

    /// <summary>Dropped without a word.</summary>
    Blackhole,

    /// <summary>Refused with ICMP communication prohibited.</summary>
    Prohibit,
}
