using System.Diagnostics;
using NetVS.Packets;

namespace NetVS.Linux.Netlink;

/// <summary>What a <see cref="NetworkMonitor"/> is built with.</summary>
public sealed record NetworkMonitorOptions
{
    /// <summary>The clock of <c>NextHopTable.MarkUsed</c>; by default nanoseconds of CLOCK_MONOTONIC.</summary>
    public Func<MonotonicTime> Clock { get; init; } = static () => new MonotonicTime(Stopwatch.GetTimestamp() * (1_000_000_000 / Stopwatch.Frequency));

    /// <summary>How long a burst of changes must have rested before it is read and published.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How long a burst that does not rest may delay publishing.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Octets of notifications that may wait; beyond, everything is read afresh.</summary>
    public int ReceiveBuffer { get; init; } = 4 << 20;
}
