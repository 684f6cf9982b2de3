using System.Diagnostics;
using NetVS.Packets;

namespace NetVS.Workers;

/// <summary>The clock of the daemon: CLOCK_MONOTONIC, in nanoseconds since boot. Control and workers must use the same.</summary>
public static class MonotonicClock
{
    /// <summary>The time now.</summary>
    public static MonotonicTime Now => new(Stopwatch.GetTimestamp() * (1_000_000_000 / Stopwatch.Frequency));
}
