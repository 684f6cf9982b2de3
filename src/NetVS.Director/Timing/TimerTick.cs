using NetVS.Packets;

namespace NetVS.Director.Timing;

/// <summary>The clock of the connection timers: eighths of a second since the origin of <see cref="MonotonicTime"/>, modulo 2^32.</summary>
/// <remarks>
/// Moments when a packet passed are rounded up and the present is rounded down, so that no timer fires before its deadline, and each
/// fires less than one tick after it (when its owner advances the wheel that often). Ticks are compared by their
/// difference: two that are compared lie less than 2^31 ticks (8 years) apart.
/// </remarks>
internal static class TimerTick
{
    /// <summary>Ticks in a second.</summary>
    public const uint PerSecond = 8;

    /// <summary>Nanoseconds in a tick.</summary>
    public const long Nanoseconds = 1_000_000_000 / PerSecond;

    /// <summary>The first tick at or after a time.</summary>
    public static uint AtOrAfter(MonotonicTime time) =>
        unchecked((uint)(((ulong)time.Nanoseconds + (Nanoseconds - 1)) / Nanoseconds));

    /// <summary>The last tick at or before a time.</summary>
    public static uint AtOrBefore(MonotonicTime time) => unchecked((uint)((ulong)time.Nanoseconds / Nanoseconds));

    /// <summary>The time of a tick at most 2^31 ticks before or after <paramref name="now"/>.</summary>
    public static MonotonicTime ToTime(uint tick, MonotonicTime now)
    {
        long present = now.Nanoseconds / Nanoseconds;
        return new MonotonicTime((present + Difference(tick, AtOrBefore(now))) * Nanoseconds);
    }

    /// <summary>How many ticks <paramref name="later"/> lies after <paramref name="earlier"/>; negative if it lies before.</summary>
    public static int Difference(uint later, uint earlier) => unchecked((int)(later - earlier));
}
