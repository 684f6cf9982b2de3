namespace NetVS.Rules;

/// <summary>What a service may ask for beyond IPVS; everything is off at first. Compared by value.</summary>
/// <remarks>How each is written, at a command line and elsewhere, is in <see cref="ServiceOptionTable"/>: adding one is a member here, a line there.</remarks>
public sealed record ServiceOptions
{
    /// <summary>Nothing: as IPVS.</summary>
    public static ServiceOptions None { get; } = new();

    /// <summary>Seconds during which the share of a server that has just come or come back grows to its whole; 0 is off.</summary>
    public uint SlowStart { get; init; }

    /// <summary>Whether sh, dh and mh move the clients of a server that goes, or comes, and no others.</summary>
    public bool HasStableHash { get; init; }
}
