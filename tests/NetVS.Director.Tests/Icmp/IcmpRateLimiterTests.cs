using NetVS.Director.Icmp;
using NetVS.Packets;

namespace NetVS.Director.Tests.Icmp;

public sealed class IcmpRateLimiterTests
{
    private static int Take(IcmpRateLimiter limiter, MonotonicTime now, int perSecond)
    {
        int count = 0;
        while (count < 1000 && limiter.TryTake(now, perSecond)) count++;
        return count;
    }

    [Fact]
    public void TryTake_BurstThenRate()
    {
        var limiter = new IcmpRateLimiter();
        MonotonicTime now = MonotonicTime.FromSeconds(1000);

        Take(limiter, now, 1000).ShouldBe(IcmpRateLimiter.Burst);
        Take(limiter, now + TimeSpan.FromMilliseconds(0.9), 1000).ShouldBe(0);
        Take(limiter, now + TimeSpan.FromMilliseconds(1), 1000).ShouldBe(1);
        Take(limiter, now + TimeSpan.FromMilliseconds(11), 1000).ShouldBe(10);
        Take(limiter, now + TimeSpan.FromDays(1), 1000).ShouldBe(IcmpRateLimiter.Burst);
    }

    [Fact]
    public void TryTake_RateZero_Never() => Take(new IcmpRateLimiter(), MonotonicTime.FromSeconds(5), 0).ShouldBe(0);

    [Fact]
    public void TryTake_ClockNearItsOrigin_HasTheFirstBurst() =>
        Take(new IcmpRateLimiter(), MonotonicTime.Zero, 10).ShouldBe(IcmpRateLimiter.Burst);
}
