using System.Globalization;
using NetVS.Lab.Checks;
using NetVS.Lab.Hosts;
using NetVS.Lab.Peers;
using NetVS.Lab.Soak;
using NetVS.Linux.Bpf;

namespace NetVS.Lab;

/// <summary>
/// Mixed traffic through every method for as long as is asked, while rules and settings change at random: no request may be lost but by a rule, nothing may
/// leak, every counter must add up, and in the end no connection may be left.
/// </summary>
/// <remarks>
/// In rounds: traffic and changes, then a pause in which nothing is under way but idle connections live on, and everything is counted (<see cref="SoakAudit"/>). Behind
/// each pause something is done that would otherwise be an excuse: all rules are deleted and made again, or loaded again.
/// </remarks>
internal sealed class SoakLab(Lab lab, LabOptions options, CheckList checks) : ILabStory
{
    private const int MostShown = 20;
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1), s_longestRound = TimeSpan.FromMinutes(5), s_shortestRound = TimeSpan.FromSeconds(5), s_patience = TimeSpan.FromSeconds(15);
    private readonly SoakNetwork _network = new(lab);
    private readonly SoakPlan _plan = new();
    private readonly SoakTimeline _timeline = new();
    private readonly SoakGrowth _growth = new(options.Duration);
    private readonly List<SoakLoss> _unexcused = [];
    private DirectorHost? _director;
    private SoakTraffic _traffic = null!;
    private SoakChanges _changes = null!;
    private SoakAudit _audit = null!;
    private DateTime _began;
    private long _excused;
    private int _wrong;

    /// <inheritdoc/>
    public string Summary => string.Create(CultureInfo.InvariantCulture, $"{options.Rate} requests a second by every method for {options.Duration.TotalSeconds} s, while rules change at random (seed {options.Seed})");

    /// <inheritdoc/>
    public string DaemonWords => _director?.DaemonWords is { Length: > 4000 } words ? $"\n  the daemon printed at last:\n{words[^4000..]}" : _director?.DaemonWords ?? "";

    /// <inheritdoc/>
    public async Task RunAsync()
    {
        var random = new Random(options.Seed);
        await BuildAsync(random);
        checks.Head("traffic and changes");
        for (int round = 0; Elapsed < options.Duration; round++)
        {
            await RunRoundAsync(random);
            await PauseAsync(round);
            if (Elapsed < options.Duration) await _traffic.ResumeAsync();
        }

        await FinishAsync();
    }

    private TimeSpan Elapsed => DateTime.UtcNow - _began;

    private async Task BuildAsync(Random random)
    {
        checks.Head("hosts");
        await _network.BuildAsync(options.Rate);
        foreach (LabHost host in lab.Hosts) checks.Say($"  {host.Name,-9} {string.Join("  ", host.Links.Select(l => $"{l.Device} on {l.Segment}"))}");
        checks.Head("real servers");
        await _network.ServeAsync(_plan, checks);

        checks.Head("director");
        string file = Path.Combine(lab.Folder, "rules");
        await File.WriteAllTextAsync(file, _plan.ToFile(), lab.Cancellation);
        foreach (string line in _plan.ToFile().Split('\n', StringSplitOptions.RemoveEmptyEntries)) checks.Say($"    {line}");
        _director = new DirectorHost(_network.Director);
        await _director.StartAsync(options.Link, checks.Say, ["--rules", file, .. options.HasOffload ? (string[])[] : ["--no-offload"]]);
        await _director.AdministrateAsync("--set 60 10 20", checks.Say);
        _changes = new SoakChanges(_plan, _director, _timeline, random, file);
        await _changes.SetAsync("expire_nodest_conn", "1");
        var witness = new SoakWitness(lab, _plan, _network);
        await witness.StartAsync();
        _traffic = lab.Own(await SoakTraffic.StartAsync(_network.Client, _plan.Services.Select(SoakPlan.ToTarget), options.Rate, options.Seed, s_patience));
        _audit = new SoakAudit(_plan, _director, witness, _changes, _traffic, checks);
        await _audit.BeginEpochAsync();
        await _traffic.ResumeAsync();
        _began = DateTime.UtcNow;
    }

    private async Task RunRoundAsync(Random random)
    {
        TimeSpan length = TimeSpan.FromTicks(Math.Clamp(options.Duration.Ticks / 3, s_shortestRound.Ticks, s_longestRound.Ticks));
        TimeSpan end = TimeSpan.FromTicks(Math.Min((Elapsed + length).Ticks, options.Duration.Ticks)), nextReport = Elapsed + s_minute;
        double pause = options.Duration < s_minute ? 400 : 4000;
        while (Elapsed < end)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * pause), lab.Cancellation);
            await _changes.MakeAsync();
            JudgeLosses();
            if (!_director!.IsRunning) throw new LabException($"the daemon has ended{DaemonWords}");
            if (Elapsed < nextReport) continue;
            nextReport += s_minute;
            await _traffic.TallyAsync();
            SoakVitals vitals = SoakVitals.Read(_director.ProcessId, lab);
            _growth.Add(Elapsed, vitals);
            Report(await SoakState.AskAsync(_director), vitals);
        }
    }

    private async Task PauseAsync(int round)
    {
        await _changes.MakeWholeAsync();
        await _traffic.PauseAsync();
        JudgeLosses();
        await _audit.RunAsync(lab.Cancellation);
        SoakVitals vitals = SoakVitals.Read(_director!.ProcessId, lab);
        _growth.AddPaused(Elapsed, vitals);
        Report(_audit.State, vitals);
        switch (round % 3)
        {
            case 0:
                checks.Say($"  {Clock} all rules are deleted and made again; connections live on");
                await _changes.ReplaceAllAsync();
                break;
            case 1:
                checks.Say($"  {Clock} the same rules are loaded again");
                await _changes.ReloadFileAsync();
                break;
        }

        await _audit.BeginEpochAsync();
    }

    private void JudgeLosses()
    {
        foreach (SoakLoss loss in _traffic.TakeLosses())
        {
            if (_timeline.Excuses(loss))
            {
                _excused++;
                continue;
            }

            _unexcused.Add(loss);
            if (_unexcused.Count <= MostShown) checks.Say($"  LOST     {loss}");
        }

        foreach (string wrong in _traffic.TakeWrong())
            if (_wrong++ < MostShown) checks.Say($"  WRONG    {wrong}");
    }

    private void Report(SoakState state, SoakVitals vitals) => checks.Say(string.Create(CultureInfo.InvariantCulture,
        $"  {Clock} {_traffic[SoakCount.Answered]} answered, {_traffic[SoakCount.Unreachable]} refused by ICMP and {_traffic[SoakCount.Refused]} by a limit, {_traffic[SoakCount.Repeated]} repeated, {_excused} lost by a rule, {_unexcused.Count} without; "
        + $"{_changes.Made.Values.Sum()} changes; {state.Connections} connections, {state.Flows} flows, {state.Forwarded} packets by the fast path; {vitals}"));

    private string Clock => string.Create(CultureInfo.InvariantCulture, $"{(int)Elapsed.TotalMinutes:00}:{Elapsed.Seconds:00}");

    private async Task FinishAsync()
    {
        checks.Head("the end of the traffic");
        await _traffic.StopAsync();
        JudgeLosses();
        await _audit.RunAsync(lab.Cancellation);
        checks.Say($"  changes: {string.Join(", ", _changes.Made.OrderByDescending(m => m.Value).Select(m => $"{m.Key} {m.Value}"))}");
        checks.Say($"  drops: {string.Join(", ", _audit.State.Drops.Where(d => d.Value > 0).OrderByDescending(d => d.Value).Select(d => $"{d.Key} {d.Value}"))}");
        checks.Expect(_traffic[SoakCount.Answered] > 0 && _plan.Services.All(s => s.Kind == SoakKind.Closed || _traffic[s.Name, SoakCount.Answered] > 0), $"{_traffic[SoakCount.Answered]} requests were answered, of each service some");
        checks.Expect(_wrong == 0, "every answer was right", $"{_wrong} were wrong");
        checks.Expect(_unexcused.Count == 0, $"no request was lost but by a rule ({_excused})", $"{_unexcused.Count} were");
        checks.Expect(options.HasOffload == _audit.State.Forwarded > 0, options.HasOffload ? "the fast path has forwarded" : "nothing was forwarded by the fast path");
        _growth.Judge(checks);

        checks.Head("what is left when all timeouts have passed");
        await new SoakSettlement(_director!, checks, options.Settle).RunAsync(lab.Cancellation);
        checks.Expect(_director!.IsRunning, "the daemon still runs");
        await _director.StopAsync();
        IReadOnlyList<PinFolder> pins = PinFolder.FindOfDirectory(lab.Folder);
        checks.Expect(pins.Count == 0, "nothing is pinned after the director's end", string.Join(", ", pins.SelectMany(p => p.Names)));
    }
}
