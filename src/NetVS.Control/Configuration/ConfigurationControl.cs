using NetVS.Control.Rules;
using NetVS.Control.Status;
using NetVS.Director.Network;
using NetVS.Director;
using NetVS.Keepalived;
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Model;
using NetVS.Rules;
using NetVS.Rules.RulesFile;

namespace NetVS.Control.Configuration;

/// <summary>Puts a keepalived.conf in force, and another one at a reload; a bad one changes nothing.</summary>
/// <remarks>
/// <para>It owns the services that the configuration in force or the next one names; services that somebody made with ipvsadm besides are left
/// alone. Of its own services the difference to the rules in force is taken, so what is the same keeps its connections, counters and scheduler.</para>
/// <para>Threads: any; one load after the other.</para>
/// </remarks>
public sealed class ConfigurationControl
{
    private readonly Lock _gate = new();
    private readonly DirectorControl _control;
    private readonly NetworkState _network;
    private readonly ConfigurationOptions _options;
    private readonly PeriodicReconciliation _periodic;
    private ConfigurationPlan? _current;
    private bool _hasBegun;

    /// <summary>Takes over the reload of a director; nothing is read yet.</summary>
    public ConfigurationControl(DirectorControl control, NetworkState network, ConfigurationOptions options)
    {
        _control = control;
        _network = network;
        _options = options;
        _periodic = new PeriodicReconciliation(options.Time, Reconcile, options.Warn);
    }

    /// <summary>The configuration in force, or null.</summary>
    public KeepalivedConfiguration? Current => _current?.Configuration;

    /// <summary>Whether a service is one of the configuration in force.</summary>
    public bool Owns(ServiceKey key) => _current?.Mapped.Find(key) is not null;

    /// <summary>Reads the file and puts it in force: at the start, and for every reload.</summary>
    /// <returns>The steps taken; or the problems, and then nothing was changed.</returns>
    public ReloadOutcome Load()
    {
        lock (_gate) return LoadAlone();
    }

    /// <summary>Tells the parts that the director forwards.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            foreach (IHostedPart part in _options.Parts) part.Begin();
            _hasBegun = true;
            if (_current is not null) _periodic.Configure(_current.Configuration.Global);
        }
    }

    /// <summary>Ends the parts, last first.</summary>
    public void End(bool isForwardingKept)
    {
        _periodic.End();
        lock (_gate)
        {
            foreach (IHostedPart part in _options.Parts.Reverse()) part.End(isForwardingKept);
        }
    }

    /// <summary>Compares what is in force with the configuration in force and what checks and VRRP have made of it.</summary>
    /// <param name="isApplied">Whether what differs is put right.</param>
    /// <returns>What differed; nothing while there is no configuration.</returns>
    public ReconcileOutcome Reconcile(bool isApplied)
    {
        lock (_gate)
        {
            if (_current is not { } plan) return new ReconcileOutcome(new ReloadOutcome([], []), []);
            using IHeldRules? held = _options.Parts.OfType<IRuleHolder>().FirstOrDefault()?.Hold(plan.AllUp);
            ReloadOutcome rules = _control.Reconcile(held?.Wanted ?? plan.AllUp, Owns, (step, result) => ToRule(plan.Mapped.Blame(step, result)), isApplied);
            return new ReconcileOutcome(rules, [.. _options.Parts.OfType<IReconciledPart>().SelectMany(p => p.Reconcile(isApplied))]);
        }
    }

    /// <summary>What the parts have to say.</summary>
    public IReadOnlyList<PartStatus> ReadParts() => [.. _options.Parts.Select(p => new PartStatus(p.Name, p.ReadStatus())).Where(s => s.Lines.Count > 0)];

    /// <summary>How the real servers are; null if no part knows.</summary>
    public HealthStatus? ReadHealth() => _options.Parts.OfType<IHealthSource>().FirstOrDefault()?.ReadHealth();

    /// <summary>How the VRRP instances are; null if no part knows.</summary>
    public VrrpStatus? ReadVrrp() => _options.Parts.OfType<IVrrpSource>().FirstOrDefault()?.ReadVrrp();

    private ReloadOutcome LoadAlone()
    {
        KeepalivedReading reading = _options.Read();
        var plan = new ConfigurationPlan(reading, _options.FindRehearsal(reading) ?? KeepalivedCheck.Of(reading, _network, _current?.AllUp));
        var prepared = new Stack<IPreparedConfiguration>();
        try
        {
            if (!HasErrors(plan))
            {
                foreach (IHostedPart part in _options.Parts) prepared.Push(part.Prepare(_current?.Configuration, plan));
            }

            if (HasErrors(plan)) return new ReloadOutcome([], [.. plan.Problems.Where(p => p.Severity == DiagnosticSeverity.Error).Select(ToRule)]);
            foreach (KeepalivedDiagnostic problem in plan.Problems) _options.Warn(DiagnosticText.Format(problem));
            HashSet<ServiceKey> owned = [.. plan.Wanted.Services.Select(s => s.Rule.Key)];
            if (_current is not null) owned.UnionWith(_current.AllUp.Services.Select(s => s.Rule.Key));
            bool ownsAll = _current is null && plan.Configuration.Global.Lvs.FlushesAtStart;
            ReloadOutcome outcome = _control.LoadRehearsed(
                plan.Wanted, key => ownsAll || owned.Contains(key), plan.Configuration.Position.File, (step, result) => ToRule(plan.Mapped.Blame(step, result)));
            if (!outcome.IsOk) return outcome;
            SetTimeouts(plan.Configuration.Global.Lvs);
            foreach (IPreparedConfiguration part in prepared.Reverse()) part.Commit();
            _current = plan;
            if (_hasBegun) _periodic.Configure(plan.Configuration.Global);
            return outcome;
        }
        finally
        {
            while (prepared.TryPop(out IPreparedConfiguration? part)) part.Dispose();
        }
    }

    private void SetTimeouts(LvsDefaults lvs)
    {
        if ((lvs.TcpTimeout | lvs.TcpFinTimeout | lvs.UdpTimeout) == 0) return;
        RuleResult result = _control.SetTimeouts(new DirectorTimeouts((int)lvs.TcpTimeout, (int)lvs.TcpFinTimeout, (int)lvs.UdpTimeout));
        if (!result.IsOk) _options.Warn($"lvs_timeouts are refused: {result.Detail ?? result.Status.ToString()}");
    }

    private static bool HasErrors(ConfigurationPlan plan) => plan.Problems.Any(p => p.Severity == DiagnosticSeverity.Error);

    private static RuleDiagnostic ToRule(KeepalivedDiagnostic problem) => new(
        problem.Position.File, problem.Position.Line, problem.Position.Column,
        DiagnosticText.Clean(problem.Advice is { } advice ? $"{problem.Message}: {advice}" : problem.Message));
}
