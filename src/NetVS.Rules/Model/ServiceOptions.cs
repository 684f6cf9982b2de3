namespace NetVS.Rules;

/// <summary>What a service may ask for beyond IPVS; everything is off at first. Compared by value.</summary>
/// <remarks>How each is written, at a command line and elsewhere, is in <see cref="ServiceOptionTable"/>: adding one is a member here, a line there.</remarks>
public sealed record ServiceOptions
{
    /// <summary>Nothing: as IPVS.</summary>
    public static ServiceOptions None { get; } = new();

    /// <summary>Seconds an idle established TCP connection is kept; 0 leaves that to the director's timeout.</summary>
    public uint TcpTimeout { get; init; }

    /// <summary>Seconds a TCP connection is kept of which one side has closed; 0 leaves that to the director's timeout.</summary>
    public uint TcpFinTimeout { get; init; }

    /// <summary>Seconds a TCP connection is kept whose SYN is not acknowledged by the client yet; 0 leaves that to the director's.</summary>
    public uint SynTimeout { get; init; }

    /// <summary>Seconds an idle UDP connection is kept; 0 leaves that to the director's timeout.</summary>
    public uint UdpTimeout { get; init; }

    /// <summary>Seconds an idle established SCTP connection is kept; 0 leaves that to the director's.</summary>
    public uint SctpTimeout { get; init; }

    /// <summary>The most connections at once: of TCP and SCTP services the active ones, else all; 0 is off.</summary>
    public uint MostConnections { get; init; }

    /// <summary>The most connections of one client at once; 0 is off.</summary>
    public uint MostPerClient { get; init; }

    /// <summary>Addresses with as many equal bits at their beginning are one client; 0 for each by itself.</summary>
    public uint ClientPrefix { get; init; }

    /// <summary>What becomes of a connection that is too many.</summary>
    public OverLimit OverLimit { get; init; }

    /// <summary>Whether both ends of a TCP connection are reset when it expires, or its server is removed.</summary>
    public bool Resets { get; init; }

    /// <summary>Seconds during which the share of a server that has just come or come back grows to its whole; 0 is off.</summary>
    public uint SlowStart { get; init; }

    /// <summary>Whether sh, dh and mh move the clients of a server that goes, or comes, and no others.</summary>
    public bool HasStableHash { get; init; }
}
