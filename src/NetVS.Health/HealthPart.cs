using NetVS.Control;
using NetVS.Control.Configuration;
using NetVS.Control.Status;
using NetVS.Health.Checks;
using NetVS.Health.Pools;
using NetVS.Health.Probes;
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Model;
using NetVS.Rules;
using NetVS.Scripts;

namespace NetVS.Health;

/// <summary>Health checks as a part of the daemon: runs the checks of a keepalived.conf and keeps the rules as they say.</summary>
/// <remarks>
/// One lock holds everything that changes: checks' states, pools, and the rules they ask for. It is held while rules are changed, and from
/// <see cref="Prepare"/> until the prepared configuration is disposed of, so that no check changes rules under a reload. Attempts run outside of it.
/// It may be held while the director's lock is taken, never the other way round.
/// </remarks>
public sealed class HealthPart : IHostedPart, IHealthSource, IRuleHolder, IDisposable
{
    private const int MostNotifications = 10_000;
    private static readonly TimeSpan s_firstCheck = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_endPatience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly HealthOptions _options;
    private readonly RulePusher _pusher;
    private readonly CheckScheduler _scheduler;
    private readonly ScriptQueue _notifications;
    private readonly PipeSet _pipes;
    private HealthPlan _plan = HealthPlan.Empty;
    private bool _hasBegun;
    private bool _hasEnded;

    /// <summary>Begins with nothing to check.</summary>
    public HealthPart(DirectorControl control, HealthOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _pusher = new RulePusher(control, options.Report);
        _pipes = (options.Pipes ?? new NotifyPipes(options.Report)).NewSet();
        _notifications = new ScriptQueue(MostNotifications, options.Report);
        _scheduler = new CheckScheduler(options.Time, Complete);
    }

    /// <inheritdoc/>
    public string Name => "health";

    /// <inheritdoc/>
    public IPreparedConfiguration Prepare(KeepalivedConfiguration? current, ConfigurationPlan next)
    {
        ArgumentNullException.ThrowIfNull(next);
        _gate.Enter();
        bool isPrepared = false;
        try
        {
            List<KeepalivedDiagnostic> problems = HealthProblems.Find(next.Configuration, out var certificate, out var authorities);
            if (_options.UserPaths is null) problems.AddRange(UserPathRules.FindAll(next.Configuration));
            foreach (KeepalivedDiagnostic problem in problems) next.Add(problem);
            if (problems.Any(p => p.Severity == DiagnosticSeverity.Error))
            {
                isPrepared = true;
                return new Abandoned(this);
            }

            if (current is null) TrackedFiles.Initialise(next.Configuration.Files, _options.Report);
            var context = new CheckContext
            {
                Configuration = next.Configuration,
                ScriptPolicy = ScriptPolicy.Of(next.Configuration.Global),
                IsLocal = _options.IsLocal,
                IsBfdUp = _options.IsBfdUp,
                Connector = _options.Connector,
                UserPaths = _options.UserPaths,
                Certificate = certificate,
                Authorities = authorities,
            };
            var plan = HealthPlan.Make(next, context, _plan, _options.Time.GetUtcNow(), isStart: current is null);
            next.Wanted = plan.Wanted(next.AllUp);
            isPrepared = true;
            return new Prepared(this, plan);
        }
        finally
        {
            if (!isPrepared) _gate.Exit();
        }
    }

    /// <inheritdoc/>
    public IHeldRules Hold(RuleSet allUp)
    {
        _gate.Enter();
        try
        {
            return new Held(this, _plan.Wanted(allUp));
        }
        catch
        {
            _gate.Exit();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Begin()
    {
        lock (_gate)
        {
            _hasBegun = true;
            Schedule(_plan);
        }
    }

    /// <inheritdoc/>
    public void End(bool isForwardingKept)
    {
        lock (_gate)
        {
            if (_hasEnded) return;
            _hasEnded = true;
            foreach (Check check in _plan.Checks) check.Ending.Cancel();
            if (!isForwardingKept) TellOfTheEnd();
        }

        _scheduler.Dispose();
        _pipes.Dispose();
        if (!_notifications.End(s_endPatience)) _options.Report($"health: notify scripts still run after {s_endPatience.TotalSeconds:0} s, and are left");
    }

    /// <summary>Ends it, if it has not ended.</summary>
    public void Dispose() => End(isForwardingKept: true);

    /// <summary>A BFD session has come up or gone down: its checks say so at once. Any thread.</summary>
    public void NoteBfd(string session)
    {
        Check[] checks;
        lock (_gate) checks = [.. _plan.Checks.Where(c => c.Probe is BfdProbe bfd && bfd.Session == session)];
        foreach (Check check in checks) Complete(check, ((BfdProbe)check.Probe).Ask(), TimeSpan.Zero);
    }

    /// <inheritdoc/>
    public HealthStatus ReadHealth()
    {
        lock (_gate) return HealthReport.Of(_plan);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> ReadStatus()
    {
        lock (_gate) return HealthReport.Summarise(_plan, _options.Time.GetUtcNow());
    }

    // The lock is held.
    private void Commit(HealthPlan next)
    {
        foreach (Check check in _plan.Checks) check.Ending.Cancel();
        _plan = next;
        _options.UserPaths?.Set(next.Paths);
        _pipes.Configure([next.Global.Pipe, next.Global.LvsPipe], next.ScriptPolicy);
        _options.Mail?.Configure(next.Global);
        foreach (PoolEvent told in next.Events) Tell(told);
        if (_hasBegun && !_hasEnded) Schedule(next);
    }

    private void Schedule(HealthPlan plan)
    {
        foreach (Check check in plan.Checks) _scheduler.Add(check, s_firstCheck + (_options.Random() * check.State.Policy.Warmup));
    }

    private TimeSpan Complete(Check check, ProbeResult result, TimeSpan latency)
    {
        lock (_gate)
        {
            if (check.Ending.IsCancellationRequested || check.Owner is not { } server) return check.State.Policy.Interval;
            int failures = check.State.Failures;
            int weight = server.Weight;
            RuleSet? before = null;
            bool wasPanicking = server.Pool.IsPanicking;

            // Most attempts change nothing: the rules are only put together when they may.
            if (result.Outcome == ProbeOutcome.Success != check.State.IsUp || result.Weight is not null) before = server.Pool.Wanted();
            CheckReaction reaction = check.Take(result, latency, _options.Time.GetUtcNow());
            Log(check, server, result, reaction, failures);
            if (reaction.IsFirstFailure) Tell(PoolEvent.ServerDown(server, check.Kind));
            if (before is not null && (reaction.Change is not null || server.Weight != weight)) React(check, server, weight, before);
            if (wasPanicking != server.Pool.IsPanicking) _options.Report(DescribePanic(server.Pool));
            return reaction.Delay;
        }
    }

    private void React(Check check, PooledServer server, int formerWeight, RuleSet before)
    {
        ServerPool pool = server.Pool;
        bool hasChanged = server.Update(_options.Time.GetUtcNow());
        if (server.Weight != formerWeight)
            _options.Report($"Changing weight from {formerWeight} to {server.Weight} for {(server.IsAlive ? "active" : "inactive")} service {server.Name} of VS {pool.Configured.Name}");
        if (hasChanged) _options.Report(Describe(server, pool));
        bool? quorum = pool.UpdateQuorum();
        _pusher.Push(before, pool.Wanted());
        if (hasChanged) Tell(server.IsAlive ? PoolEvent.ServerUp(server, check.Kind) : PoolEvent.ServerDown(server, check.Kind));
        if (quorum is { } isUp) Tell(isUp ? PoolEvent.QuorumUp(pool) : PoolEvent.QuorumDown(pool));
    }

    private static string DescribePanic(ServerPool pool) => pool.IsPanicking
        ? $"Panic for VS {pool.Configured.Name}: {pool.Servers.Count(s => s.HasFailed)} of {pool.Servers.Count} real servers have failed, more than {pool.Configured.PanicThreshold} %: all of them are used again"
        : $"Panic over for VS {pool.Configured.Name}: failed real servers are left out again";

    private static string Describe(PooledServer server, ServerPool pool) => (server.IsAlive, server.IsInhibiting) switch
    {
        (true, true) => $"Enabling service {server.Name} of VS {pool.Configured.Name}",
        (true, false) => $"Adding service {server.Name} to VS {pool.Configured.Name}",
        (false, true) => $"Disabling service {server.Name} of VS {pool.Configured.Name}",
        _ => $"Removing service {server.Name} from VS {pool.Configured.Name}",
    };

    private void Tell(PoolEvent told)
    {
        if (told.Line.Length > 0) _options.Report(told.Line);
        _pipes.Write(told.PipeLine);
        MailSettings mail = _plan.Global.Mail;
        if (told.Mail.IsWanted ?? mail.CheckerAlerts ?? mail.Alerts ?? told.Mail.IsWantedByDefault) _options.Mail?.Send(told.Mail.Subject, told.Mail.Body);
        _notifications.Add(told.Script, _plan.ScriptPolicy, told.What);
    }

    private void TellOfTheEnd()
    {
        foreach (ServerPool pool in _plan.Pools.Where(p => p.Configured.NotifiesOnShutdown))
        {
            foreach (PooledServer server in pool.Servers.Where(s => s.IsAlive)) Tell(PoolEvent.ServerDown(server));
            if (pool.HasQuorum) Tell(PoolEvent.QuorumDown(pool));
        }
    }

    private void Log(Check check, PooledServer server, in ProbeResult result, in CheckReaction reaction, int failures)
    {
        string name = server.Name;
        if (reaction.Change is true)
        {
            _options.Report(string.Format(null, check.Kind.Success, name));
        }
        else if (reaction.Change is false || reaction.IsFirstFailure)
        {
            _options.Report($"{string.Format(null, check.Kind.Failure, name)}{(failures > 0 ? $" after {failures} retries" : "")}: {result.Detail}");
        }
        else if (result.Outcome == ProbeOutcome.LocalProblem)
        {
            _options.Report($"{check.Kind.Name} of {check.Probe.Target} for {name}: {result.Detail}. Rescheduling.");
        }
        else if (result.Outcome == ProbeOutcome.Failure && check.State.IsUp && check.State.Policy.LogsAllFailures)
        {
            _options.Report($"{string.Format(null, check.Kind.Failure, name)} on retry {failures + 1}/{check.State.Policy.Retries}: {result.Detail}");
        }
    }

    private sealed class Prepared(HealthPart part, HealthPlan plan) : IPreparedConfiguration
    {
        public void Commit() => part.Commit(plan);

        public void Dispose() => part._gate.Exit();
    }

    private sealed class Held(HealthPart part, RuleSet wanted) : IHeldRules
    {
        public RuleSet Wanted { get; } = wanted;

        public void Dispose() => part._gate.Exit();
    }

    private sealed class Abandoned(HealthPart part) : IPreparedConfiguration
    {
        public void Commit() => throw new InvalidOperationException("a configuration with errors is not put in force");

        public void Dispose() => part._gate.Exit();
    }
}
