using NetVS.Director.Connections;
using NetVS.Director.Services;
using NetVS.Director.Statistics;

namespace NetVS.Control.Replay;

/// <summary>What a replay came to.</summary>
public sealed record ReplayReport
{
    /// <summary>The first packet's time, nanoseconds since 1970; 0 without packets.</summary>
    public required long Start { get; init; }

    /// <summary>The last packet's time.</summary>
    public required long End { get; init; }

    /// <summary>Packets in the captures.</summary>
    public required long Captured { get; init; }

    /// <summary>Of those, packets the director itself had sent, which were not replayed.</summary>
    public required long OwnPackets { get; init; }

    /// <summary>Packets sent on, each counted once however many frames it became.</summary>
    public required long Forwarded { get; init; }

    /// <summary>Packets answered with an ICMP message instead.</summary>
    public required long Answered { get; init; }

    /// <summary>Packets for the host's own stack: not of a service, or not to the director at all.</summary>
    public required long ToStack { get; init; }

    /// <summary>Packets that would have waited for a neighbour's MAC; they were not sent.</summary>
    public required long Awaiting { get; init; }

    /// <summary>Frames sent, by interface.</summary>
    public required IReadOnlyList<(string Interface, long Received, long Sent)> Interfaces { get; init; }

    /// <summary>Packets dropped or answered, by the reason's name, with its sentence.</summary>
    public required IReadOnlyList<(string Reason, string Text, long Packets)> Drops { get; init; }

    /// <summary>The services with their counters, and what destinations have.</summary>
    public required IReadOnlyList<ServiceView> Services { get; init; }

    /// <summary>All services together.</summary>
    public required StatisticsView Totals { get; init; }

    /// <summary>The connections there are at the last packet's time.</summary>
    public required IReadOnlyList<ConnectionView> Connections { get; init; }

    /// <summary>What was assumed about the network.</summary>
    public required IReadOnlyList<string> Assumptions { get; init; }

    /// <summary>What makes the result less than the whole truth.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Where a capture broke off; everything before was replayed.</summary>
    public required IReadOnlyList<string> Faults { get; init; }
}
