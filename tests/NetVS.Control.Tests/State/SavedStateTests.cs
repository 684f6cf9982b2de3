using NetVS.Control.State;
using NetVS.Control.Status;
using NetVS.Director;
using NetVS.Director.Network;
using NetVS.Director.Services;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Control.Tests.State;

/// <summary>What a daemon leaves to its successor.</summary>
public sealed class SavedStateTests : IConnectionSource, IDaemonFacts, IRandomSource, IDisposable
{
    private const string Rules =
        "-A -t 192.0.2.1:80 -s wrr --tcp-timeout 60 --reset --max-per-client 5 --slow-start 30\n-a -t 192.0.2.1:80 -r 10.0.0.1 -m -w 3\n-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -x 9 -y 3\n"
        + "-A -u [2001:db8::1]:53 -s rr\n-a -u [2001:db8::1]:53 -r [fd00::5]:53 -b\n-P -u [2001:db8::1]:53 -z fd00::99\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("netvs-state").FullName;
    private readonly List<DirectorEngine> _engines = [];
    private readonly List<string> _log = [];
    private int _changes;

    public int WorkerCount => 1;

    public long ConnectionCount => 0;

    public Task<ConnectionPage> ReadAsync(int worker, long cursor, int limit) => Task.FromResult(new ConnectionPage([], -1));

    public IReadOnlyList<InterfaceStatus> ReadInterfaces() => [];

    public IReadOnlyDictionary<string, long> ReadDivertCounters() => new Dictionary<string, long>();

    public uint NextBelow(uint bound) => 0;

    public void Dispose()
    {
        foreach (DirectorEngine engine in _engines) engine.Workers[0].Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private DirectorControl Start()
    {
        var network = new NetworkState();
        var engine = new DirectorEngine(new DirectorOptions { MaxConnectionsV4 = 64, MaxConnectionsV6 = 64, Random = this }, network);
        _engines.Add(engine);
        return new DirectorControl(engine, network, this, this, NoNames.Instance, new DirectorControlOptions
        {
            Report = _log.Add,
            Changed = () => _changes++,
        });
    }

    [Fact]
    public void MarkRulesAndServices_AreRestoredInTheirOrder()
    {
        const string Marks = "mark tcp 192.0.2.0/24 80-90 7\nmark any 2001:db8::/32 any 7\nmark udp 0.0.0.0/0 53 0\n-A -f 7 -s rr -p 60\n-a -f 7 -r 10.0.0.1:80 -m\n-A -f 7 -6 -s rr\n";
        DirectorControl former = Start();
        former.Load(Marks, "f").Problems.ShouldBeEmpty();
        SavedState.Parse(former.ReadState().ToString(), out string? problem).ShouldNotBeNull(problem);
        DirectorControl next = Start();
        next.Restore(SavedState.Parse(former.ReadState().ToString(), out _)!);
        _log.ShouldNotContain(l => l.Contains("left out", StringComparison.Ordinal));
        next.Marks.Select(m => m.ToString()).ShouldBe(["tcp 192.0.2.0/24 80-90 7", "any 2001:db8::/32 any 7", "udp 0.0.0.0/0 53 0"]);
        next.ListServices().Count.ShouldBe(2);
        next.Load(Marks, "f").Steps.ShouldBeEmpty();
        next.Load("mark udp 0.0.0.0/0 53 0\n", "f").Steps.Select(s => s.Kind).ShouldBe([RuleChangeKind.SetMarks, RuleChangeKind.DeleteService, RuleChangeKind.DeleteService]);
    }

    [Fact]
    public void State_ThroughItsText_IsTheSame_AndRestoresRulesSettingsAndIndices()
    {
        DirectorControl former = Start();
        former.Load(Rules, "f").Problems.ShouldBeEmpty();
        former.Change(new RuleChange
        {
            Kind = RuleChangeKind.DeleteDestination,
            Service = former.ListServices()[0].Rule.Key,
            Destination = former.ListServices()[0].Destinations[^1].Rule,
        }).IsOk.ShouldBeTrue();
        former.Set("expire_nodest_conn", "1").ShouldBeNull();
        former.Set("sync_threshold", "4 60").ShouldBeNull();
        former.SetTimeouts(new DirectorTimeouts(100, 0, 7)).IsOk.ShouldBeTrue();
        ServiceView first = former.ListServices()[0];
        former.Drain(first.Rule.Key, first.Destinations[0].Rule.Real, releasesPersistence: true, TimeSpan.FromSeconds(90)).ShouldBe(RuleResult.Ok);
        SavedState left = former.ReadState();
        left.ToString().ShouldContain("\noverride 0 drain release 90 -t ");

        SavedState? read = SavedState.Parse(left.ToString(), out string? problem);
        problem.ShouldBeNull();
        read!.ToString().ShouldBe(left.ToString());
        DirectorControl next = Start();
        next.Restore(read);
        next.ReadState().ToString().ShouldBe(left.ToString());
        next.Timeouts.ShouldBe(new DirectorTimeouts(100, 120, 7));
        next.FindService(first.Rule.Key)!.Destinations.Single(d => d.Rule.Real == first.Destinations[0].Rule.Real).Rule.Weight.ShouldBe(0);
        foreach (DestinationSlot slot in left.Slots) next.ReadState().Slots.ShouldContain(slot);
    }

    [Theory]
    [InlineData("", "it is no state file of this version")]
    [InlineData("# netvs state 2\nrules\n", "it is no state file of this version")]
    [InlineData("# netvs state 1\ntimeouts 1 2 3\n", "it ends before its rules")]
    [InlineData("# netvs state 1\ntimeouts 1 2\nrules\n", "line 2 is not understood")]
    [InlineData("# netvs state 1\noverride 0 drain sometimes 90 -t 192.0.2.1:80 -r 10.0.0.1:80\nrules\n", "line 2 is not understood")]
    [InlineData("# netvs state 1\nslot 0 -t 192.0.2.1:80 -r 10.0.0.1:80\nrules\n", "line 2 is not understood")]
    [InlineData("# netvs state 1\nslot 1 -t nonsense -r 10.0.0.1:80\nrules\n", "line 2 is not understood")]
    public void State_ThatIsDamaged_IsRefusedWithTheReason(string text, string reason)
    {
        SavedState.Parse(text, out string? problem).ShouldBeNull();
        problem.ShouldBe(reason);
    }

    [Fact]
    public void Restore_OfRulesTheDirectorRefuses_TakesTheOthersAndReports()
    {
        DirectorControl next = Start();
        next.Restore(SavedState.Parse(
            "# netvs state 1\ntimeouts 900 120 300\nsetting no_such 1\nrules\n-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 224.0.0.1 -m\n", out _)!);
        next.ListServices().Count.ShouldBe(1);
        _log.ShouldContain(l => l.Contains("no_such"));
    }

    [Fact]
    public void Keeper_WritesOnceAfterManyChanges_AndAgainAfterAFailure()
    {
        string path = Path.Combine(_folder, "state");
        DirectorControl control = Start();
        int reads = 0;
        ulong traffic = 0;
        var keeper = new StateKeeper(path, () => { reads++; return control.ReadState(); }, () => traffic, _log.Add);
        keeper.WriteIfChanged();
        control.Load(Rules, "f");
        _changes.ShouldBe(1);
        keeper.NoteChange();
        keeper.NoteChange();
        keeper.WriteIfChanged();
        keeper.WriteIfChanged();
        reads.ShouldBe(2);
        StateKeeper.Read(path, _log.Add)!.ToString().ShouldBe(control.ReadState().ToString());
        traffic = 1;
        for (int i = 0; i < 40; i++) keeper.WriteIfChanged();
        reads.ShouldBe(3, "once for the traffic");

        Directory.CreateDirectory(path + ".new");
        keeper.NoteChange();
        keeper.WriteIfChanged();
        keeper.WriteIfChanged();
        _log.Count(l => l.Contains("cannot be written")).ShouldBe(1, "told once");
        Directory.Delete(path + ".new");
        keeper.WriteIfChanged();
        _log.ShouldContain(l => l.EndsWith("is written again"));
    }

    [Fact]
    public void Keeper_ReadingADamagedFile_ReportsAndReturnsNothing()
    {
        string path = Path.Combine(_folder, "state");
        StateKeeper.Read(path, _log.Add).ShouldBeNull();
        _log.ShouldBeEmpty();
        File.WriteAllText(path, "garbage");
        StateKeeper.Read(path, _log.Add).ShouldBeNull();
        _log.ShouldHaveSingleItem().ShouldContain("is not used");
    }
}
