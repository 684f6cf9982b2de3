using NetVS.Packets;

namespace NetVS.Testing.Time;

/// <summary>A clock that moves only when a test says so.</summary>
public sealed class ManualClock
{
    /// <summary>Begins at a time that is not zero, so that "never set" and "at the origin" differ.</summary>
    public ManualClock() => Now = MonotonicTime.FromSeconds(1000);

    /// <summary>The time.</summary>
    public MonotonicTime Now { get; private set; }

    /// <summary>Lets time pass.</summary>
    public MonotonicTime Advance(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        return Now += span;
    }

    /// <summary>Lets seconds pass.</summary>
    public MonotonicTime AdvanceSeconds(double seconds) => Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Goes to a time that is not before now.</summary>
    public MonotonicTime AdvanceTo(MonotonicTime time)
    {
        if (time < Now) throw new ArgumentException($"{time} is before {Now}");
        return Now = time;
    }
}
