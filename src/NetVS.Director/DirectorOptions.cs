using NetVS.Director.Offload;
using NetVS.Director.Services;

namespace NetVS.Director;

/// <summary>What a director is built with; cannot change while it runs.</summary>
public sealed record DirectorOptions
{
    /// <summary>How many workers (and so partitions of the connection table) there are.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>The most IPv4 connections, over all workers.</summary>
    public int MaxConnectionsV4 { get; init; } = 1 << 20;

    /// <summary>The most IPv6 connections, over all workers.</summary>
    public int MaxConnectionsV6 { get; init; } = 1 << 18;

    /// <summary>Key of the connection table's hash; from a random source in production, fixed in tests.</summary>
    public UInt128 HashKey { get; init; }

    /// <summary>The source of random numbers (schedulers, port choice, packet identification).</summary>
    public required IRandomSource Random { get; init; }

    /// <summary>Reads the host's free memory in pages of 4 KiB, once a second, for the defences against overload; null where it is not known.</summary>
    public Func<long>? ReadFreePages { get; init; }

    /// <summary>Is told which packets the director must see; null where every packet comes anyway (replay).</summary>
    public IDivertSink? Divert { get; init; }

    /// <summary>What the director shares with the fast path; null where there is none. It stays mapped as long as the director is used.</summary>
    public FlowMemory? Flows { get; init; }
}
