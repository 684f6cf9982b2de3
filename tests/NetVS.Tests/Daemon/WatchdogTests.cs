using NetVS.Daemon;
using NetVS.Packets;

namespace NetVS.Tests.Daemon;

/// <summary>The sign of life needs every thread.</summary>
public sealed class WatchdogTests
{
    [Fact]
    public void SignOfLife_IsSentOnceEveryThreadHasAnswered()
    {
        var waiting = new List<Action>();
        int alive = 0;
        var watchdog = new Watchdog(TimeSpan.FromSeconds(5), [waiting.Add, answer => answer(), waiting.Add], () => alive++);
        watchdog.Tick(MonotonicTime.FromSeconds(1));
        (waiting.Count, alive).ShouldBe((2, 0));
        waiting[0]();
        alive.ShouldBe(0, "a thread has not answered");
        waiting[1]();
        alive.ShouldBe(1);
        watchdog.Tick(MonotonicTime.FromSeconds(5.9));
        waiting.Count.ShouldBe(2, "it is not time yet");
        watchdog.Tick(MonotonicTime.FromSeconds(6));
        waiting.Count.ShouldBe(4);
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("0", null, null)]
    [InlineData("many", null, null)]
    [InlineData("10000000", null, 5000.0)]
    [InlineData("10000000", "1", null)]
    [InlineData("10000000", "self", 5000.0)]
    public void Period_IsHalfOfWhatSystemdSaysToThisProcess(string? microseconds, string? process, double? milliseconds) =>
        Watchdog.FindPeriod(name => name == "WATCHDOG_USEC" ? microseconds : process == "self" ? Environment.ProcessId.ToString() : process)?.TotalMilliseconds
            .ShouldBe(milliseconds ?? -1);
}
