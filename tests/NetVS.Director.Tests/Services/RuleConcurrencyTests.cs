using NetVS.Director.Scheduling;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Testing.Randomness;

namespace NetVS.Director.Tests.Services;

/// <summary>One thread edits the rules while others schedule, count and read.</summary>
public sealed class RuleConcurrencyTests
{
    public static TheoryData<string> Schedulers => [.. SchedulerTable.Names];

    [Theory]
    [MemberData(nameof(Schedulers))]
    public async Task EditsDuringScheduling_CountsEndRightAndNothingStrangeIsChosen(string scheduler)
    {
        var test = new EngineUnderTest(workers: 3);
        test.Engine.AddService(EngineUnderTest.Service(scheduler: scheduler));
        test.Engine.AddDestination(EngineUnderTest.Web, EngineUnderTest.Real("10.0.0.5")).ShouldBe(RuleResult.Ok);
        using var stop = new CancellationTokenSource();
        using var started = new CountdownEvent(3);
        CancellationToken testEnds = TestContext.Current.CancellationToken;
        Task<int>[] workers = [.. Enumerable.Range(0, 3).Select(i => Task.Run(() => Work(test.Engine, i, started, stop.Token), testEnds))];
        Task reader = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                foreach (ServiceView view in test.Engine.ListServices()) view.Destinations.ShouldAllBe(d => d.InactiveConnections >= 0);
            }
        }, testEnds);
        started.Wait(testEnds);
        Edit(test);
        await stop.CancelAsync();
        int[] opened = await Task.WhenAll(workers);
        await reader;

        opened.ShouldAllBe(n => n > 0);
        test.Run(4.2);
        test.Engine.Totals.Connections.ShouldBe((ulong)opened.Sum());
        foreach (DestinationView view in test.Engine.ListServices().SelectMany(s => s.Destinations))
            (view.ActiveConnections, view.InactiveConnections).ShouldBe((0, 0));
    }

    private static void Edit(EngineUnderTest test)
    {
        Seeds.Run(random =>
        {
            for (int step = 0; step < 1500; step++)
            {
                DestinationRule real = EngineUnderTest.Real($"10.0.0.{1 + random.Next(5)}", weight: random.Next(4));
                switch (random.Next(8))
                {
                    case < 3:
                        test.Engine.AddDestination(EngineUnderTest.Web, real);
                        break;
                    case 3:
                        test.Engine.DeleteDestination(EngineUnderTest.Web, real.Real);
                        break;
                    case 4 when step % 16 == 0:
                        test.Engine.DeleteService(EngineUnderTest.Web).ShouldBe(RuleResult.Ok);
                        test.Engine.AddService(EngineUnderTest.Service(scheduler: test.Engine.ListServices().Count == 0 ? "rr" : "wlc")).ShouldBe(RuleResult.Ok);
                        break;
                    default:
                        test.Engine.EditDestination(EngineUnderTest.Web, real with { UpperThreshold = (uint)random.Next(5) });
                        break;
                }

                test.Tick();
            }
        });
    }

    private static int Work(DirectorEngine engine, int worker, CountdownEvent started, CancellationToken stop)
    {
        int opened = 0;
        var open = new Queue<Destination>();
        for (uint i = 0; !stop.IsCancellationRequested; i++)
        {
            if (open.Count > 3 || (i % 2 == 0 && open.Count > 0)) Close(open.Dequeue());
            if (!engine.Table.TryFind(IpProtocol.Tcp, EngineUnderTest.Web.Address, 80, 0, out VirtualServiceState? service)) continue;
            var request = new SchedulingRequest { Client = new Ipv4Address(i), ClientPort = 1, Virtual = service.Key.Address, VirtualPort = 80, Protocol = IpProtocol.Tcp };
            if (service.Schedule(in request) is not { } chosen) continue;
            chosen.Address.V4.Value.ShouldBeInRange(0x0A000001u, 0x0A000005u);
            chosen.Bind(isTemplate: false);
            chosen.BecomeActive();
            engine.Counters[worker].CountConnection(chosen);
            engine.Destinations[chosen.Index].ShouldBeSameAs(chosen);
            open.Enqueue(chosen);
            if (++opened == 1) started.Signal();
        }

        while (open.TryDequeue(out Destination? left)) Close(left);
        return opened;
    }

    private static void Close(Destination destination) => destination.Unbind(isTemplate: false, wasActive: true);
}
