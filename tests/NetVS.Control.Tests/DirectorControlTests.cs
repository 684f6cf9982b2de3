using NetVS.Control.Rules;
using NetVS.Control.State;
using NetVS.Control.Status;
using NetVS.Director;
using NetVS.Director.Network;
using NetVS.Director.Services;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Control.Tests;

/// <summary>Commands, reloads and their refusals, on a real director without packets.</summary>
public sealed class DirectorControlTests : IConnectionSource, IDaemonFacts, IDivertSink, IRandomSource, IDisposable
{
    private readonly DirectorEngine _engine;
    private readonly DirectorControl _control;
    private readonly List<string> _log = [];
    private int _appliesLeft = int.MaxValue;
    private int _applies;
    private DivertRules? _applied;

    public DirectorControlTests()
    {
        var network = new NetworkState();
        _engine = new DirectorEngine(
            new DirectorOptions { MaxConnectionsV4 = 64, MaxConnectionsV6 = 64, Random = this, Divert = this }, network);
        _control = new DirectorControl(_engine, network, this, this, NoNames.Instance, new DirectorControlOptions { Report = _log.Add });
    }

    public int WorkerCount => 1;

    public long ConnectionCount => 0;

    public Task<ConnectionPage> ReadAsync(int worker, long cursor, int limit) => Task.FromResult(new ConnectionPage([], -1));

    public IReadOnlyList<InterfaceStatus> ReadInterfaces() => [];

    public IReadOnlyDictionary<string, long> ReadDivertCounters() => new Dictionary<string, long>();

    public uint NextBelow(uint bound) => 0;

    void IDivertSink.Apply(DivertRules rules)
    {
        _applies++;
        _applied = rules;
        if (_appliesLeft-- <= 0) throw new DivertException("the diversion maps are full");
    }

    public void Dispose()
    {
        foreach (DirectorWorker worker in _engine.Workers) worker.Dispose();
    }

    private string Saved()
    {
        RuleSet rules = RuleApplier.Read(_engine);
        return string.Join('\n', RuleSetDiff.Between(RuleSet.Empty, rules).Select(s => s.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Load_OfAFile_TakesOnlyTheStepsThatDiffer()
    {
        _control.Load("-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.1 -m\n-a -t 192.0.2.1:80 -r 10.0.0.2 -m\n", "f").Steps.Count.ShouldBe(3);
        ServiceView before = _engine.ListServices().Single();
        _control.Load("-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.2 -m\n-a -t 192.0.2.1:80 -r 10.0.0.3 -m -x 9 -y 3\n", "f")
            .Steps.Select(s => s.ToString())
            .ShouldBe(["-a -t 192.0.2.1:80 -r 10.0.0.3:80 -m -w 1 -x 9 -y 3", "-d -t 192.0.2.1:80 -r 10.0.0.1:80"]);
        ServiceView after = _engine.ListServices().Single();
        after.Rule.ShouldBe(before.Rule);
        after.Destinations.Select(d => d.Rule.Real.ToString()).ShouldBe(["10.0.0.3:80", "10.0.0.2:80"]);
    }

    [Fact]
    public void Load_OfTheSameFileAgain_ChangesNothing()
    {
        const string rules = "-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.1 -b\n-P -t 192.0.2.1:80 -z 10.0.0.200\n-A -t [2001:db8::1]:80\n";
        _control.Load(rules, "f").Steps.Count.ShouldBe(4);
        _control.Load(rules, "f").Steps.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("-A -t 192.0.2.9:80 -s rr\nnonsense\n")]
    [InlineData("-A -t 192.0.2.9:80 -s nosuch\n")]
    [InlineData("-A -t 192.0.2.9:80 -s rr\n-a -t 192.0.2.9:80 -r 224.0.0.1\n")]
    [InlineData("-A -t 192.0.2.7:80 --pe sip\n")]
    [InlineData("-A -t 192.0.2.1:80 -s rr\n-A -t 192.0.2.1:80 -s rr\n")]
    public void Load_OfABadFile_KeepsTheOldRules(string text)
    {
        _control.Load("-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.1 -m\n", "f").IsOk.ShouldBeTrue();
        string before = Saved();
        _log.Clear();
        ReloadOutcome outcome = _control.Load(text, "f");
        outcome.IsOk.ShouldBeFalse();
        outcome.Problems.ShouldNotBeEmpty();
        Saved().ShouldBe(before);
        _log.ShouldBeEmpty();
    }

    [Fact]
    public void Load_RefusedHalfWay_IsUndone()
    {
        _control.Load("-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.1 -m -w 1\n", "f").IsOk.ShouldBeTrue();
        string before = Saved();
        _appliesLeft = 1;
        ReloadOutcome outcome = _control.Load(
            "-A -t 192.0.2.2:80 -s rr\n-A -t 192.0.2.3:80 -s rr\n-A -t 192.0.2.1:80 -s wrr\n-a -t 192.0.2.1:80 -r 10.0.0.1 -m -w 9\n", "f");
        outcome.IsOk.ShouldBeFalse();
        outcome.Problems[0].Message.ShouldContain("the diversion maps are full");
        _appliesLeft = int.MaxValue;
        Saved().ShouldBe(before);
    }

    [Fact]
    public void Load_OfManyRules_TellsTheLinksAtOnce()
    {
        string many = string.Concat(Enumerable.Range(101, 200).Select(i => $"-A -t 192.0.2.1:{i} -s rr\n-a -t 192.0.2.1:{i} -r 10.0.0.1:{i} -m\n"));
        _control.Load(many, "f").IsOk.ShouldBeTrue();
        _applies.ShouldBeLessThan(4);
        _applied!.Virtuals.Count.ShouldBe(200);
        _applied.Reals.Count.ShouldBe(200);
        _control.Load("-A -t 192.0.2.1:101 -s rr\n-a -t 192.0.2.1:101 -r 10.0.0.1:101 -m\n", "f").Steps.Count.ShouldBe(199);
        for (int i = 0; i < 10; i++) _engine.Tick(Packets.MonotonicTime.FromSeconds(1000 + (i * 60)));
        _applied.Virtuals.Count.ShouldBe(1);
    }

    [Fact]
    public void KeptServers_StayAsTheyAre_AcrossLoadsAndChecks_UntilChangedByHand()
    {
        const string File = "-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1\n-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m -w 1\n";
        _control.Load(File, "f").IsOk.ShouldBeTrue();
        ServiceKey key = _control.ListServices()[0].Rule.Key;
        DestinationRule added = Rule("10.0.0.9:80"), gone = Rule("10.0.0.2:80");
        _control.ChangeAndKeep(Change(RuleChangeKind.AddDestination, key, added)).IsOk.ShouldBeTrue();
        _control.ChangeAndKeep(Change(RuleChangeKind.DeleteDestination, key, gone)).IsOk.ShouldBeTrue();
        _control.Plan(File, "f").Steps.ShouldBeEmpty();
        _control.Load(File, "f").Steps.ShouldBeEmpty();
        _control.ChangeByCheck(Change(RuleChangeKind.AddDestination, key, gone)).IsOk.ShouldBeTrue();
        Servers().ShouldBe(["10.0.0.1:80", "10.0.0.9:80"]);

        // Its service goes and comes: it does too. A successor knows of it.
        _control.Load("", "f").IsOk.ShouldBeTrue();
        _control.Load(File, "f").IsOk.ShouldBeTrue();
        Servers().ShouldBe(["10.0.0.1:80", "10.0.0.9:80"]);
        SavedState.Parse(_control.ReadState().ToString(), out string? problem).ShouldNotBeNull(problem).Kept.ShouldBe(_control.ListKept());

        // By hand without keeping: as the file says from the next load on.
        _control.Change(Change(RuleChangeKind.DeleteDestination, key, added)).IsOk.ShouldBeTrue();
        _control.Change(Change(RuleChangeKind.AddDestination, key, gone)).IsOk.ShouldBeTrue();
        _control.ListKept().ShouldBeEmpty();
        _control.Load(File, "f").Steps.ShouldBeEmpty();
        Servers().ShouldBe(["10.0.0.1:80", "10.0.0.2:80"]);
    }

    [Fact]
    public void ChangeByCheck_LeavesOverridesAlone_ChangeByHandDoesNot()
    {
        _control.Load("-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1\n", "f").IsOk.ShouldBeTrue();
        ServiceKey key = _control.ListServices()[0].Rule.Key;
        DestinationRule rule = Rule("10.0.0.1:80");
        _control.OverrideWeight(key, rule.Real, 7).IsOk.ShouldBeTrue();
        _control.ChangeByCheck(Change(RuleChangeKind.DeleteDestination, key, rule)).IsOk.ShouldBeTrue();
        _control.ChangeByCheck(Change(RuleChangeKind.AddDestination, key, rule)).IsOk.ShouldBeTrue();
        _control.ListServices()[0].Destinations[0].Rule.Weight.ShouldBe(7);
        _control.Change(Change(RuleChangeKind.EditDestination, key, rule)).IsOk.ShouldBeTrue();
        _control.ListServices()[0].Destinations[0].Rule.Weight.ShouldBe(1);
    }

    private string[] Servers() => [.. _control.ListServices()[0].Destinations.Select(d => d.Rule.Real.ToString()).Order(StringComparer.Ordinal)];

    private static DestinationRule Rule(string real)
    {
        string[] parts = real.Split(':');
        return new DestinationRule { Real = new Packets.IpEndpoint(Packets.IpAddress.Parse(parts[0]), ushort.Parse(parts[1])), Method = ForwardingMethod.Nat, Weight = 1 };
    }

    private static RuleChange Change(RuleChangeKind kind, ServiceKey key, DestinationRule rule) => new() { Kind = kind, Service = key, Destination = rule };

    [Fact]
    public void Plan_OfAFile_ChangesNothing()
    {
        _control.Plan("-A -t 192.0.2.1:80 -s rr\n", "f").Steps.ShouldHaveSingleItem().ToString().ShouldBe("-A -t 192.0.2.1:80 -s rr");
        Saved().ShouldBeEmpty();
    }

    [Fact]
    public void Reload_WithoutAFile_SaysSo() =>
        _control.Reload().Problems.ShouldHaveSingleItem().Message.ShouldContain("--rules FILE");

    [Fact]
    public void Timeouts_Zero_StayAsTheyAre()
    {
        _control.SetTimeouts(new DirectorTimeouts(0, 60, 0)).IsOk.ShouldBeTrue();
        _control.Timeouts.ShouldBe(new DirectorTimeouts(900, 60, 300));
        _control.SetTimeouts(new DirectorTimeouts(-1, 0, 0)).Status.ShouldBe(RuleStatus.EINVAL);
        _control.Timeouts.ShouldBe(new DirectorTimeouts(900, 60, 300));
    }

    [Fact]
    public void Check_WithoutADaemon_FindsWhatTheDirectorWouldRefuse()
    {
        RulesFileCheck.FindProblems("-A -t 192.0.2.1:80 -s rr\n", "f", NoNames.Instance, new NetworkState()).ShouldBeEmpty();
        RulesFileCheck.FindProblems("-A -t 192.0.2.1:81 --pe sip\n-a -t 192.0.2.1:81 -r 10.0.0.1\n-A -t 192.0.2.1:82 --pe sip\n", "f", NoNames.Instance, new NetworkState())
            .Select(p => p.Line).ShouldBe([1, 3]);
    }

    [Fact]
    public async Task TickDriver_Running_TicksWithTheGivenClock()
    {
        var ticked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int calls = 0;
        using (new TickDriver(_engine, new NetworkState(), () =>
        {
            if (++calls == 3) ticked.TrySetResult();
            return Packets.MonotonicTime.FromMilliseconds(calls * 100);
        }, _log.Add))
        {
            await ticked.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        }

        _log.ShouldBeEmpty();
    }

    // On its own thread, once for each change; without processors it may run anywhere.
    [Fact]
    public async Task TickDriver_EstimatorPlacedElsewhere_IsToldOnItsThread()
    {
        var placed = System.Threading.Channels.Channel.CreateUnbounded<(string, int, string?)>();
        using (new TickDriver(_engine, new NetworkState(), () => default, _log.Add, place: (processors, nice) => placed.Writer.TryWrite((processors.ToString(), nice, Thread.CurrentThread.Name))))
        {
            foreach ((string name, string value, string processors, int nice) in new[] { ("est_nice", "5", "all", 5), ("est_cpulist", "0-1", "0-1", 5), ("est_cpulist", "", "all", 5) })
            {
                _engine.Settings.TrySet(name, value, out _).ShouldBeTrue();
                (await placed.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken))
                    .ShouldBe((processors, nice, "netvs tick"));
            }
        }

        placed.Reader.TryRead(out _).ShouldBeFalse();
    }
}
