using System.Security.Cryptography;
using NetVS.Bfd.Machine;
using NetVS.Bfd.Wire;
using NetVS.Control.Configuration;
using NetVS.Failover.Plan;
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Model;
using NetVS.Packets;

namespace NetVS.Failover.Bfd;

/// <summary>The bfd_instances of a keepalived.conf as a part of the daemon. There is no thread and no socket until there is one.</summary>
/// <param name="clock">The clock, which never goes back.</param>
/// <param name="changed">Told of a session's state when it is another, and of all after each configuration. Thread: the loop's; must not wait.</param>
/// <param name="log">Takes lines for the log. Any thread.</param>
public sealed class BfdService(Func<MonotonicTime> clock, Action<BfdPlan, BfdState> changed, Action<string> log) : IHostedPart
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private IReadOnlyList<BfdPlan> _plans = [];
    private bool _hasBegun;
    private BfdLoop? _loop;
    private Thread? _thread;

    /// <inheritdoc/>
    public string Name => "bfd";

    /// <inheritdoc/>
    public IPreparedConfiguration Prepare(KeepalivedConfiguration? current, ConfigurationPlan next)
    {
        ArgumentNullException.ThrowIfNull(next);
        var problems = new PlanProblems();
        IReadOnlyList<BfdPlan> plans = BfdPlan.Of(next.Configuration, problems);
        foreach (KeepalivedDiagnostic problem in problems.Items) next.Add(problem);
        return new Prepared(this, plans);
    }

    /// <inheritdoc/>
    public void Begin()
    {
        _hasBegun = true;
        PutInForce();
    }

    /// <inheritdoc/>
    public void End(bool isForwardingKept)
    {
        _hasBegun = false;
        if (_loop is not { } loop || _thread is not { } thread) return;
        loop.Post(loop.End);
        thread.Join();
        lock (_gate) _loop = null;
        _thread = null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> ReadStatus()
    {
        BfdLoop? loop;
        lock (_gate) loop = _loop;
        if (loop is null) return [];
        var answer = new TaskCompletionSource<IReadOnlyList<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(now => answer.TrySetResult(Describe(loop, now)));
        return answer.Task.Wait(s_patience) ? answer.Task.Result : ["no answer"];
    }

    /// <summary>Takes plans: the first ones, before <see cref="Begin"/>, are put in force then; any others at once.</summary>
    internal void Apply(IReadOnlyList<BfdPlan> plans)
    {
        _plans = plans;
        if (_hasBegun) PutInForce();
    }

    private static List<string> Describe(BfdLoop loop, MonotonicTime now)
    {
        var lines = new List<string>();
        foreach (RunningSession running in loop.Sessions)
        {
            BfdSession s = running.Session;
            string since = $"{(now - s.Since).TotalSeconds:0} s";
            string failures = running.SendFailures > 0 ? $", {running.SendFailures} not sent" : "";
            string detection = s.DetectionTime > TimeSpan.Zero ? $", gives up after {s.DetectionTime.TotalMilliseconds:0.###} ms" : "";
            string last = s.Diagnostic != BfdDiagnostic.None ? $", last left up for {s.Diagnostic}" : "";
            lines.Add($"{s.Name}: {s.State.ToString().ToLowerInvariant()} for {since}, neighbour {running.Plan.Neighbour}{(running.Plan.IsMultihop ? " (multihop)" : "")}, "
                + $"sends each {s.Interval.TotalMilliseconds:0.###} ms{detection}, {s.Received} received, {s.Sent} sent{failures}, came up {s.CameUp} times{last}");
        }

        foreach (BfdProblem problem in Enum.GetValues<BfdProblem>().Where(p => p != BfdProblem.None && loop.Count(p) > 0))
            lines.Add($"{loop.Count(problem)} packets not taken, {BfdProblems.NameOf(problem)}: {BfdProblems.MeaningOf(problem)}");
        return lines;
    }

    private void PutInForce()
    {
        if (_loop is null && _plans.Count == 0) return;
        if (_loop is null) StartLoop();
        BfdLoop loop = _loop!;
        IReadOnlyList<BfdPlan> plans = _plans;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(now =>
        {
            loop.Apply(plans, now);
            done.TrySetResult();
        });
        done.Task.Wait(s_patience);
    }

    // The thread opens the sockets: they are of the network namespace it inherits from the one that starts it.
    private void StartLoop()
    {
        var loop = new BfdLoop(clock, static () => unchecked((uint)RandomNumberGenerator.GetInt32(int.MinValue, int.MaxValue)), changed, log);
        _thread = new Thread(() =>
        {
            loop.Run();
            loop.Dispose();
        }) { IsBackground = true, Name = "bfd", Priority = ThreadPriority.Highest };
        _thread.Start();
        lock (_gate) _loop = loop;
    }

    private sealed class Prepared(BfdService service, IReadOnlyList<BfdPlan> plans) : IPreparedConfiguration
    {
        public void Commit() => service.Apply(plans);

        public void Dispose()
        {
            // Nothing was begun.
        }
    }
}
