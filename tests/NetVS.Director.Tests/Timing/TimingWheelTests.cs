using NetVS.Director.Timing;

namespace NetVS.Director.Tests.Timing;

public sealed class TimingWheelTests
{
    [Fact]
    public void TicksToNextUsed_RandomSlots_SameAsAScan()
    {
        var wheel = new TimingWheel();
        var random = new Random(4);
        var used = new SortedSet<uint>();
        for (int step = 0; step < 5000; step++)
        {
            uint tick = (uint)random.Next(TimingWheel.SlotCount);
            if (random.Next(step % 1000 < 500 ? 3 : 10) == 0)
            {
                wheel.SetHead(tick, 7);
                used.Add(tick);
            }
            else if (used.Count > 0)
            {
                tick = used.ElementAt(random.Next(used.Count));
                wheel.SetHead(tick, 0);
                used.Remove(tick);
            }

            wheel.MoveTo((uint)random.Next(TimingWheel.SlotCount));
            uint next = wheel.Next;
            int expected = used.Count == 0
                ? -1
                : (int)used.Min(t => (t + TimingWheel.SlotCount - next) % TimingWheel.SlotCount);
            wheel.TicksToNextUsed().ShouldBe(expected, $"step {step}");
        }
    }

    [Theory]
    [InlineData(100u, 99u, 100u)]                                  // past: the next tick
    [InlineData(100u, 100u, 100u)]
    [InlineData(100u, 101u, 101u)]
    [InlineData(100u, 100u + TimingWheel.SlotCount - 1, 100u + TimingWheel.SlotCount - 1)]
    [InlineData(100u, 100u + TimingWheel.SlotCount, 100u + TimingWheel.SlotCount - 1)]
    [InlineData(100u, 1_000_000u, 100u + TimingWheel.SlotCount - 1)]
    [InlineData(0xFFFF_FFF0u, 5u, 5u)]                             // across the wrap of the tick count
    public void Reach_Deadline_IsWithinOneTurn(uint next, uint deadline, uint expected)
    {
        var wheel = new TimingWheel();
        wheel.Restart(next);
        wheel.Reach(deadline).ShouldBe(expected);
    }

    [Theory]
    [InlineData(100u, 100u, 100u)]
    [InlineData(100u, 100u + TimingWheel.SlotCount - 1, 100u)]
    [InlineData(100u, 100u + TimingWheel.SlotCount, 101u)]
    [InlineData(0u, 1_000_000u, 1_000_001u - TimingWheel.SlotCount)]
    public void CatchUp_Behind_LeavesOneTurnAtMost(uint next, uint now, uint expected)
    {
        var wheel = new TimingWheel();
        wheel.Restart(next);
        wheel.CatchUp(now);
        wheel.Next.ShouldBe(expected);
    }
}
