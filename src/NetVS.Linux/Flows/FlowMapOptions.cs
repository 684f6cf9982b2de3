namespace NetVS.Linux.Flows;

/// <summary>How large the maps of the flow table are made.</summary>
/// <remarks>A NAT or FULLNAT connection takes two lines. An IPv4 line has 64 octets, an IPv6 one 128; they are allocated at once.</remarks>
public sealed record FlowMapOptions
{
    /// <summary>IPv4 lines; rounded up to a power of two. Half of them can be filled before connections begin to find no room.</summary>
    public int LinesV4 { get; init; } = 1 << 20;

    /// <summary>IPv6 lines.</summary>
    public int LinesV6 { get; init; } = 1 << 17;

    /// <summary>Destinations that are counted.</summary>
    public int CounterSlots { get; init; } = 8192;

    /// <summary>Workers, each with a ring for reports.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Octets of a worker's ring: a power of two, at least a page. A report takes 24.</summary>
    public int RingSize { get; init; } = 1 << 18;

    /// <summary>After how long without a sign of life the director is taken for dead, until it says otherwise.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);
}
