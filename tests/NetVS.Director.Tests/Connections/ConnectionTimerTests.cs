using NetVS.Director.Connections;
using NetVS.Director.Timing;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Tests.Connections;

/// <summary>When a connection's deadline is acted on: never before it, and less than a tick (1/8 s) after it.</summary>
public sealed class ConnectionTimerTests
{
    private const long Tick = TimerTick.Nanoseconds;

    /// <summary>One turn of the wheel, in seconds.</summary>
    private const uint Turn = TimingWheel.SlotCount / TimerTick.PerSecond;

    public static TheoryData<long, uint> StartsAndTimeouts()
    {
        var data = new TheoryData<long, uint>();

        // On a tick, just before and after one, far from the origin, half way round the tick count, and where it wraps.
        long wrap = (1L << 32) * Tick;
        foreach (long start in (long[])[0, 1, Tick - 1, Tick, Tick + 1, 1_700_000_000_123_456_789, 375_000_000_000_000_000, wrap - (5 * Tick) - 7, wrap - 1, wrap])
        {
            foreach (uint timeout in (uint[])[1, 2, 3, 60, 900, Turn - 1, Turn, Turn + 1, 2 * Turn, (3 * Turn) + 1, 864_000, 8_589_934])
                data.Add(start, timeout);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(StartsAndTimeouts))]
    public void Deadline_JustBeforeAtAndAfter_FiresOnceWithinATick(long start, uint timeout)
    {
        var run = new Run(start);
        int handle = run.Create();
        run.Table.SetTimeout(handle, timeout, run.Now);
        long deadline = start + (timeout * 1_000_000_000L);

        // The owner calls exactly when it was told to, which is what it does when no packet comes.
        while (run.Wake.Nanoseconds < deadline) run.AdvanceTo(Math.Max(run.Wake.Nanoseconds, run.Now.Nanoseconds));
        run.AdvanceTo(deadline - 1);
        run.Expired.ShouldBeEmpty("never before the deadline");
        run.AdvanceTo(deadline + Tick - 1);
        run.Expired.ShouldBe([handle], "within a tick");
        run.AdvanceTo(deadline + (10 * Tick));
        run.Expired.Count.ShouldBe(1, "once");
        run.Wake.ShouldBe(MonotonicTime.Never);
    }

    [Theory]
    [MemberData(nameof(StartsAndTimeouts))]
    public void Deadline_OwnerCallsOnlyThen_FiresAtOnce(long start, uint timeout)
    {
        var run = new Run(start);
        int handle = run.Create();
        run.Table.SetTimeout(handle, timeout, run.Now);
        run.AdvanceTo(start + (timeout * 1_000_000_000L) + Tick);
        run.Expired.ShouldBe([handle]);
    }

    [Fact]
    public void Touch_AgainAndAgain_MovesTheDeadline()
    {
        var run = new Run(5_000_000_000);
        int handle = run.Create();
        run.Table.SetTimeout(handle, 60, run.Now);
        for (int i = 0; i < 100; i++)
        {
            run.AdvanceTo(run.Now.Nanoseconds + 59_999_999_999);
            run.Table.Touch(handle, run.Now);
        }

        run.Expired.ShouldBeEmpty();
        long deadline = run.Now.Nanoseconds + 60_000_000_000;
        run.AdvanceTo(deadline - 1);
        run.Expired.ShouldBeEmpty();
        run.AdvanceTo(deadline + Tick);
        run.Expired.ShouldBe([handle]);
    }

    [Theory]
    [InlineData(900, 60)]
    [InlineData(900, 10)]
    [InlineData(10 * 3600, 900)]
    [InlineData(900, 1)]
    public void SetTimeout_Shorter_FiresAtTheNewDeadline(uint before, uint after)
    {
        var run = new Run(123_456_789);
        int handle = run.Create();
        run.Table.SetTimeout(handle, before, run.Now);
        run.AdvanceTo(run.Now.Nanoseconds + 300_000_000);
        run.Table.SetTimeout(handle, after, run.Now);
        long deadline = run.Now.Nanoseconds + (after * 1_000_000_000L);
        run.AdvanceTo(deadline - 1);
        run.Expired.ShouldBeEmpty();
        run.AdvanceTo(deadline + Tick);
        run.Expired.ShouldBe([handle]);
    }

    [Theory]
    [InlineData(3, 60)]
    [InlineData(60, 900)]
    [InlineData(60, 10 * 3600)]
    public void SetTimeout_Longer_FiresAtTheNewDeadline(uint before, uint after)
    {
        var run = new Run(123_456_789);
        int handle = run.Create();
        run.Table.SetTimeout(handle, before, run.Now);
        run.AdvanceTo(run.Now.Nanoseconds + 300_000_000);
        run.Table.SetTimeout(handle, after, run.Now);
        long deadline = run.Now.Nanoseconds + (after * 1_000_000_000L);
        run.AdvanceTo(deadline - 1);
        run.Expired.ShouldBeEmpty();
        run.AdvanceTo(deadline + Tick);
        run.Expired.ShouldBe([handle]);
    }

    [Fact]
    public void SetTimeout_ShortThenLongThenShort_FiresAtTheLastDeadline()
    {
        var run = new Run(0);
        int handle = run.Create();
        run.Table.SetTimeout(handle, 10, run.Now);
        run.Table.SetTimeout(handle, 900, run.Now);
        run.Table.SetTimeout(handle, 20, run.Now);
        run.AdvanceTo(19_999_999_999);
        run.Expired.ShouldBeEmpty();
        run.AdvanceTo(20_000_000_000);
        run.Expired.ShouldBe([handle]);
    }

    [Fact]
    public void Handler_KeepsAnEntry_LooksAgainWhenItSaid()
    {
        var run = new Run(0) { KeepFor = 60 };
        int handle = run.Create();
        run.AdvanceTo(3_000_000_000);
        run.Expired.ShouldBe([handle]);
        run.Table.Count.ShouldBe(1);
        run.Table[handle].Timeout.ShouldBe(60u);
        run.AdvanceTo(62_999_999_999);
        run.Expired.Count.ShouldBe(1);
        run.KeepFor = 0;
        run.AdvanceTo(63_000_000_000);
        run.Expired.Count.ShouldBe(2);
        run.Table.Count.ShouldBe(0);
    }

    [Fact]
    public void Advance_Budget_BoundsTheWorkOfOneCall()
    {
        var run = new Run(0);
        for (int i = 0; i < 100; i++) run.Create();
        MonotonicTime due = MonotonicTime.FromSeconds(4);
        var handler = new Handler { Expired = run.Expired };
        run.Table.Advance(due, 30, ref handler).ShouldBe(due, "there is more to do");
        run.Expired.Count.ShouldBe(30);
        run.Table.Advance(due, 70, ref handler).ShouldBe(MonotonicTime.Never);
        run.Expired.Count.ShouldBe(100);
    }

    [Fact]
    public void Advance_BehindByManyTurns_StillFindsEveryEntry()
    {
        var run = new Run(0);
        var random = new Random(9);
        for (int i = 0; i < 1000; i++) run.Table.SetTimeout(run.Create(), (uint)random.Next(1, 3 * (int)Turn), run.Now);
        run.AdvanceTo(10 * Turn * 1_000_000_000L);
        run.Expired.Count.ShouldBe(1000);
        run.Table.Count.ShouldBe(0);
    }

    [Fact]
    public void Advance_BehindByManyTurns_LooksAtEachEntryTwiceAtMost()
    {
        var run = new Run(0);
        for (int i = 0; i < 10; i++) run.Table.SetTimeout(run.Create(), 900, run.Now);
        var late = new MonotonicTime(1000 * Turn * 1_000_000_000L);
        for (int handle = 1; handle <= 10; handle++) run.Table.Touch(handle, late);
        var handler = new Handler { Expired = run.Expired };
        (run.Table.Advance(late, 20, ref handler) > late).ShouldBeTrue("the budget sufficed");
        run.Expired.ShouldBeEmpty();
    }

    [Fact]
    public void Advance_HandlerRemovesOthers_IsNotConfused()
    {
        var run = new Run(0);
        for (int i = 0; i < 50; i++) run.Create();
        var handler = new RemovesNeighbour { Table = run.Table };
        run.Table.Advance(MonotonicTime.FromSeconds(4), 1000, ref handler).ShouldBe(MonotonicTime.Never);
        run.Table.Count.ShouldBe(0);
    }

    [Fact]
    public void Advance_EmptyTable_SaysNeverAndACreationLaterIsRightAgain()
    {
        var run = new Run(0);
        run.AdvanceTo(1_000_000_000);
        run.Wake.ShouldBe(MonotonicTime.Never);
        run.AdvanceTo(1_000_000_000_000_000);
        int handle = run.Create();
        run.AdvanceTo(1_000_002_999_999_999);
        run.Expired.ShouldBeEmpty();
        run.AdvanceTo(1_000_003_000_000_000);
        run.Expired.ShouldBe([handle]);
    }

    [Fact]
    public void TimeLeft_CountsDownToZero()
    {
        var run = new Run(1_000_000_000);
        int handle = run.Create();
        run.Table.SetTimeout(handle, 900, run.Now);
        run.Table.TimeLeft(handle, run.Now).ShouldBe(TimeSpan.FromSeconds(900));
        run.Table.TimeLeft(handle, run.Now.Add(TimeSpan.FromSeconds(1))).ShouldBe(TimeSpan.FromSeconds(899));
        run.Table.TimeLeft(handle, run.Now.Add(TimeSpan.FromSeconds(900))).ShouldBe(TimeSpan.Zero);
        run.Table.TimeLeft(handle, run.Now.Add(TimeSpan.FromSeconds(5000))).ShouldBe(TimeSpan.Zero);
    }

    private sealed class Run(long start)
    {
        private ushort _port;

        public ConnectionTable<Ipv4Address> Table { get; } = new(1000, 42);

        public List<int> Expired { get; } = [];

        public uint KeepFor { get; set; }

        public MonotonicTime Now { get; private set; } = new(start);

        public MonotonicTime Wake { get; private set; }

        public int Create()
        {
            Table.TryCreate(
                new ConnectionKey<Ipv4Address>(IpProtocol.Tcp, new Ipv4Address(1), ++_port, new Ipv4Address(2), 80),
                new ConnectionTarget<Ipv4Address>(ForwardingMethod.Nat, new Ipv4Address(3), 80, 0), Now, out int handle).ShouldBeTrue();
            return handle;
        }

        public void AdvanceTo(long nanoseconds)
        {
            Now = new MonotonicTime(nanoseconds);
            var handler = new Handler { Expired = Expired, KeepFor = KeepFor };
            Wake = Table.Advance(Now, 1_000_000, ref handler);
        }
    }

    private struct Handler : IExpiryHandler<Ipv4Address>
    {
        public uint ReadBack(int handle, ref Connection<Ipv4Address> connection, MonotonicTime now) => uint.MaxValue;

        public required List<int> Expired { get; init; }

        public uint KeepFor { get; init; }

        public readonly uint Expire(int handle, ref Connection<Ipv4Address> connection, MonotonicTime now)
        {
            Expired.Add(handle);
            return KeepFor;
        }
    }

    private struct RemovesNeighbour : IExpiryHandler<Ipv4Address>
    {
        public uint ReadBack(int handle, ref Connection<Ipv4Address> connection, MonotonicTime now) => uint.MaxValue;

        public required ConnectionTable<Ipv4Address> Table { get; init; }

        public readonly uint Expire(int handle, ref Connection<Ipv4Address> connection, MonotonicTime now)
        {
            if (connection.TimerNext != 0) Table.Remove(connection.TimerNext);
            return 0;
        }
    }
}
