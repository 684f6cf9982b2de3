using NetVS.Director.Forwarding;
using NetVS.Director.Services;
using NetVS.Director.Statistics;
using NetVS.Director.Tests.Services;
using NetVS.Rules;
using NetVS.Testing.Memory;

namespace NetVS.Director.Tests.Statistics;

/// <summary>From the workers' counters to what is listed.</summary>
public sealed class EngineStatisticsTests
{
    [Fact]
    public void SeveralWorkers_SumIntoDestinationServiceAndTotal()
    {
        EngineUnderTest test = new EngineUnderTest(workers: 3).WithWeb(EngineUnderTest.Real("10.0.0.1"), EngineUnderTest.Real("10.0.0.2"));
        test.Tick();
        foreach (WorkerCounters worker in test.Engine.Counters)
        {
            worker.CountConnection(test.Find("10.0.0.1"));
            worker.CountInbound(test.Find("10.0.0.1"), 100);
            worker.CountOutbound(test.Find("10.0.0.2"), 1500);
        }

        test.Tick(1.9);
        test.Engine.Totals.InboundPackets.ShouldBe(0UL, "nothing moves before two seconds");
        test.Tick(0.1);
        ServiceView service = test.Engine.FindService(EngineUnderTest.Web)!;
        Shown(service.Destinations[1].Statistics).ShouldBe(new TrafficCounters(3, 3, 0, 300, 0));
        Shown(service.Destinations[0].Statistics).ShouldBe(new TrafficCounters(0, 0, 3, 0, 4500));
        Shown(service.Statistics).ShouldBe(new TrafficCounters(3, 3, 3, 300, 4500));
        Shown(test.Engine.Totals).ShouldBe(new TrafficCounters(3, 3, 3, 300, 4500));
    }

    [Fact]
    public void DestinationInTheTrash_PacketsAreNotCountedConnectionsAre()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb(EngineUnderTest.Real());
        Destination destination = test.Find();
        test.Tick();
        test.Engine.DeleteDestination(EngineUnderTest.Web, destination.Rule.Real);
        test.Engine.Counters[0].CountInbound(destination, 100);
        test.Engine.Counters[0].CountOutbound(destination, 100);
        test.Tick(2);
        Shown(test.Engine.Totals).ShouldBe(new TrafficCounters(0, 0, 0, 0, 0));
    }

    [Fact]
    public void DeletedDestination_ItsTrafficStaysInServiceAndTotal()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb(EngineUnderTest.Real());
        test.Tick();
        test.Engine.Counters[0].CountInbound(test.Find(), 100);
        test.Engine.DeleteDestination(EngineUnderTest.Web, test.Find().Rule.Real);
        test.Tick(2);
        Shown(test.Engine.FindService(EngineUnderTest.Web)!.Statistics).ShouldBe(new TrafficCounters(0, 1, 0, 100, 0));
        test.Engine.DeleteService(EngineUnderTest.Web);
        test.Tick(2);
        Shown(test.Engine.Totals).ShouldBe(new TrafficCounters(0, 1, 0, 100, 0));
    }

    [Fact]
    public void ZeroOneService_LeavesTheOthersAndTheTotal()
    {
        EngineUnderTest test = Counted();
        VirtualServiceRule other = EngineUnderTest.Service("192.0.2.11");
        test.Engine.AddService(other);
        test.Engine.AddDestination(other.Key, EngineUnderTest.Real());
        test.Engine.Counters[0].CountConnection(test.Find("10.0.0.1", other.Key));
        test.Tick(2);
        test.Engine.Zero(EngineUnderTest.Web).ShouldBe(RuleResult.Ok);
        test.Engine.FindService(EngineUnderTest.Web)!.Statistics.Connections.ShouldBe(0UL);
        test.Engine.FindService(EngineUnderTest.Web)!.Destinations[0].Statistics.Connections.ShouldBe(0UL);
        test.Engine.FindService(other.Key)!.Statistics.Connections.ShouldBe(1UL);
        test.Engine.Totals.Connections.ShouldBe(2UL);
    }

    [Fact]
    public void ZeroAll_ZeroesTheTotalToo()
    {
        EngineUnderTest test = Counted();
        test.Engine.Zero(null).ShouldBe(RuleResult.Ok);
        test.Engine.Totals.Connections.ShouldBe(0UL);
        test.Engine.FindService(EngineUnderTest.Web)!.Statistics.Connections.ShouldBe(0UL);
        test.Engine.FindService(EngineUnderTest.Web)!.Destinations[0].ActiveConnections.ShouldBe(1, "connection counts are unaffected");
    }

    [Fact]
    public void RunEstimationOff_FreezesAllThatIsShown()
    {
        EngineUnderTest test = Counted();
        test.Engine.Settings.TrySet("run_estimation", "0", out _).ShouldBeTrue();
        test.Engine.Counters[0].CountConnection(test.Find());
        test.Run(10);
        test.Engine.Totals.Connections.ShouldBe(1UL);
        test.Engine.Settings.TrySet("run_estimation", "1", out _).ShouldBeTrue();
        test.Run(2.2);
        test.Engine.Totals.Connections.ShouldBe(2UL);
    }

    [Fact]
    public void MissedPeriods_RatesDecayAsIfTheyHadRun()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb(EngineUnderTest.Real());
        test.Tick();
        for (int i = 0; i < 2000; i++) test.Engine.Counters[0].CountConnection(test.Find());
        test.Tick(2);
        test.Engine.Totals.ConnectionsPerSecond.ShouldBe(250UL);
        test.Tick(4); // 187, 140
        test.Engine.Totals.ConnectionsPerSecond.ShouldBe(141UL);
        test.Tick(100_000);
        test.Engine.Totals.ConnectionsPerSecond.ShouldBe(0UL);
    }

    [Fact]
    public void Drops_SumOverWorkers()
    {
        EngineUnderTest test = new(workers: 2);
        test.Engine.Counters[0].CountDrop(DropReason.TableFull);
        test.Engine.Counters[1].CountDrop(DropReason.TableFull);
        test.Engine.CountDrops(DropReason.TableFull).ShouldBe(2);
        test.Engine.CountDrops(DropReason.NoRoute).ShouldBe(0);
    }

    [Fact]
    public void Counting_AllocatesNothing()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb(EngineUnderTest.Real());
        Destination destination = test.Find();
        WorkerCounters counters = test.Engine.Counters[0];
        Allocations.Measure(10_000, () =>
        {
            counters.CountConnection(destination);
            counters.CountInbound(destination, 60);
            counters.CountOutbound(destination, 60);
            counters.CountDrop(DropReason.NoRoute);
        }).ShouldBe(0);
    }

    private static EngineUnderTest Counted()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb(EngineUnderTest.Real());
        test.Tick();
        test.Engine.Counters[0].CountConnection(test.Find());
        test.Find().Bind(isTemplate: false);
        test.Find().BecomeActive();
        test.Tick(2);
        test.Engine.Totals.Connections.ShouldBe(1UL);
        return test;
    }

    private static TrafficCounters Shown(StatisticsView view) =>
        new(view.Connections, view.InboundPackets, view.OutboundPackets, view.InboundBytes, view.OutboundBytes);
}
