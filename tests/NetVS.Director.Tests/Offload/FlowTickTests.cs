using NetVS.Director.Offload;
using NetVS.Packets;

namespace NetVS.Director.Tests.Offload;

public sealed class FlowTickTests
{
    private const long Tick = 1L << 27;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(Tick - 1, 0)]
    [InlineData(Tick, 1)]
    [InlineData((5 * Tick) + 3, 5)]
    public void Of_RoundsDown(long nanoseconds, uint tick) => FlowTick.Of(new MonotonicTime(nanoseconds)).ShouldBe(tick);

    [Theory]
    [InlineData(5, 100 * Tick, 6 * Tick)]
    [InlineData(99, 100 * Tick, 100 * Tick)]
    [InlineData(100, (100 * Tick) + 7, (100 * Tick) + 7)]
    [InlineData(103, 100 * Tick, 100 * Tick)]
    [InlineData(0xFFFF_FFFF, 100 * Tick, 0)]
    [InlineData(0xFFFF_FFFF, (1L << 32) * Tick, (1L << 32) * Tick)]
    [InlineData(7, ((1L << 32) + 9) * Tick, ((1L << 32) + 8) * Tick)]
    public void EndOf_IsTheEndOfTheTick_AndNeverLaterThanNow(uint tick, long now, long expected) =>
        FlowTick.EndOf(tick, new MonotonicTime(now)).Nanoseconds.ShouldBe(expected);
}
