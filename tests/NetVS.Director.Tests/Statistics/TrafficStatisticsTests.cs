using NetVS.Director.Statistics;

namespace NetVS.Director.Tests.Statistics;

/// <summary>Reference §15 and the estimator vectors of §19.</summary>
public sealed class TrafficStatisticsTests
{
    [Fact]
    public void TwoThousandConnectionsAPeriod_RisesAsTheReference()
    {
        TrafficStatistics statistics = new();
        Periods(statistics, 8, new TrafficCounters(2000, 0, 0, 0, 0)).Select(v => v.ConnectionsPerSecond)
            .ShouldBe([250UL, 437, 578, 684, 763, 822, 867, 900]);
    }

    [Fact]
    public void TwoMillionOctetsAPeriod_RisesAsTheReference()
    {
        TrafficStatistics statistics = new();
        Periods(statistics, 5, new TrafficCounters(0, 0, 0, 2_000_000, 0)).Select(v => v.InboundBytesPerSecond)
            .ShouldBe([250000UL, 437500, 578125, 683594, 762695]);
    }

    [Fact]
    public void Silence_FallsAsTheReference()
    {
        TrafficStatistics statistics = new();
        Periods(statistics, 100, new TrafficCounters(2000, 2000, 2000, 0, 0)).Last().ConnectionsPerSecond.ShouldBe(1000UL);
        List<StatisticsView> silent = [.. Periods(statistics, 4, default)];
        silent.Select(v => v.ConnectionsPerSecond).ShouldBe([750UL, 562, 422, 316]);
        silent.Select(v => v.OutboundPacketsPerSecond).ShouldBe([750UL, 562, 422, 316]);
        Periods(statistics, 100, default).Last().ConnectionsPerSecond.ShouldBe(0UL);
    }

    [Fact]
    public void EveryCounter_HasItsOwnPlace()
    {
        TrafficStatistics statistics = new();
        statistics.Add(new TrafficCounters(8, 80, 800, 8000, 80000));
        statistics.Estimate();
        // Rates after one period: an eighth of the difference, rounded up below: 1, 10, 100 and 1000, 10000.
        statistics.ToView().ShouldBe(new StatisticsView(8, 80, 800, 8000, 80000, 1, 10, 100, 1000, 10000));
    }

    [Fact]
    public void Counters_MoveOnlyWithTheEstimator()
    {
        TrafficStatistics statistics = new();
        statistics.Add(new TrafficCounters(5, 0, 0, 0, 0));
        statistics.ToView().Connections.ShouldBe(0UL);
        statistics.Estimate();
        statistics.ToView().Connections.ShouldBe(5UL);
    }

    [Fact]
    public void Zero_TrafficSinceTheSnapshotReappears()
    {
        TrafficStatistics statistics = new();
        statistics.Add(new TrafficCounters(2000, 0, 0, 0, 0));
        statistics.Estimate();
        statistics.Add(new TrafficCounters(7, 0, 0, 0, 0));
        statistics.Zero();
        statistics.ToView().ShouldBe(new StatisticsView(0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        statistics.Estimate();
        statistics.ToView().Connections.ShouldBe(7UL);
        statistics.ToView().ConnectionsPerSecond.ShouldBe(1UL); // (7 << 9 >> 2 = 896) + 511 >> 10
    }

    [Fact]
    public void TenGigabitsForAWeek_DoesNotOverflow()
    {
        TrafficStatistics statistics = new();
        StatisticsView view = Periods(statistics, 300, new TrafficCounters(0, 0, 0, 2_500_000_000_000, 0)).Last();
        view.InboundBytesPerSecond.ShouldBe(1_250_000_000_000UL);
    }

    private static IEnumerable<StatisticsView> Periods(TrafficStatistics statistics, int periods, TrafficCounters each)
    {
        for (int i = 0; i < periods; i++)
        {
            statistics.Add(each);
            statistics.Estimate();
            yield return statistics.ToView();
        }
    }
}
