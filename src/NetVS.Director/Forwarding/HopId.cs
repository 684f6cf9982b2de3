namespace NetVS.Director.Forwarding;

/// <summary>What a connection's cached next hop can hold besides an id of the <c>NextHopTable</c>.</summary>
internal static class HopId
{
    /// <summary>Not looked up, or no longer valid.</summary>
    public const int Unknown = -1;

    /// <summary>The address is the director's own: packets for it go to the stack.</summary>
    public const int Local = -2;

    /// <summary>There is no route, or one of kind unreachable.</summary>
    public const int NoRoute = -3;

    /// <summary>A blackhole route.</summary>
    public const int Blackhole = -4;

    /// <summary>A prohibit route.</summary>
    public const int Prohibited = -5;

    /// <summary>The IP MTU left in the tunnel is too small to forward anything.</summary>
    public const int TunnelTooSmall = -6;

    /// <summary>The next hop does not answer, and the route has no other.</summary>
    public const int Failed = -7;
}
