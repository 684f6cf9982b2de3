using NetVS.Packets;

namespace NetVS.Director.Offload;

/// <summary>The clock of the flow table: 2^27 ns since the origin of <see cref="MonotonicTime"/>, modulo 2^32, rounded down.</summary>
/// <remarks>
/// A tick says that something happened between its beginning and its end. Who must not end a connection too early takes the end.
/// Ticks are compared by their difference: two that are compared lie less than 2^31 ticks (9 years) apart.
/// </remarks>
internal static class FlowTick
{
    /// <summary>The tick a time lies in.</summary>
    public static uint Of(MonotonicTime time) => unchecked((uint)((ulong)time.Nanoseconds >> FlowAbi.TickShift));

    /// <summary>The end of a tick, or <paramref name="now"/> where that is earlier.</summary>
    public static MonotonicTime EndOf(uint tick, MonotonicTime now)
    {
        long present = now.Nanoseconds >> FlowAbi.TickShift;
        long ahead = unchecked((int)(tick - (uint)present));
        return ahead >= 0 ? now : new MonotonicTime(Math.Max(0, present + ahead + 1) << FlowAbi.TickShift);
    }

    /// <summary>Whether a tick lies after another.</summary>
    public static bool IsLater(uint tick, uint than) => unchecked((int)(tick - than)) > 0;
}
