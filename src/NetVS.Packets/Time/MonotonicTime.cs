namespace NetVS.Packets;

/// <summary>A point on a clock that never goes back; the core receives it as an argument and never reads a clock.</summary>
/// <remarks>Units: nanoseconds since an origin that only its source knows (boot, or the start of a capture).</remarks>
/// <param name="Nanoseconds">Nanoseconds since the origin.</param>
public readonly record struct MonotonicTime(long Nanoseconds) : IComparable<MonotonicTime>
{
    /// <summary>The origin.</summary>
    public static MonotonicTime Zero => default;

    /// <summary>A time after every other: "never".</summary>
    public static MonotonicTime Never => new(long.MaxValue);

    /// <summary>This many seconds after the origin.</summary>
    public static MonotonicTime FromSeconds(double seconds) => new((long)(seconds * 1e9));

    /// <summary>This many milliseconds after the origin.</summary>
    public static MonotonicTime FromMilliseconds(long milliseconds) => new(milliseconds * 1_000_000);

    /// <summary>Seconds since the origin.</summary>
    public double Seconds => Nanoseconds / 1e9;

    /// <inheritdoc/>
    public int CompareTo(MonotonicTime other) => Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>A later time.</summary>
    public MonotonicTime Add(TimeSpan span) => new(Nanoseconds + (span.Ticks * 100));

    /// <summary>The span from <paramref name="earlier"/> to this time.</summary>
    public TimeSpan Subtract(MonotonicTime earlier) => new((Nanoseconds - earlier.Nanoseconds) / 100);

    /// <summary>A later time.</summary>
    public static MonotonicTime operator +(MonotonicTime time, TimeSpan span) => time.Add(span);

    /// <summary>The span between two times.</summary>
    public static TimeSpan operator -(MonotonicTime later, MonotonicTime earlier) => later.Subtract(earlier);

    /// <summary>Order in time.</summary>
    public static bool operator <(MonotonicTime left, MonotonicTime right) => left.Nanoseconds < right.Nanoseconds;

    /// <summary>Order in time.</summary>
    public static bool operator >(MonotonicTime left, MonotonicTime right) => left.Nanoseconds > right.Nanoseconds;

    /// <summary>Order in time.</summary>
    public static bool operator <=(MonotonicTime left, MonotonicTime right) => left.Nanoseconds <= right.Nanoseconds;

    /// <summary>Order in time.</summary>
    public static bool operator >=(MonotonicTime left, MonotonicTime right) => left.Nanoseconds >= right.Nanoseconds;
}
