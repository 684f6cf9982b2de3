using NetVS.Control.Configuration;
using NetVS.Control.Peers;
using NetVS.Control.Rules;
using NetVS.Rules;
using NetVS.Rules.RulesFile;

namespace NetVS.Control;

/// <summary>Rules that come from files: plans, loads, reloads, and the comparison of what is in force with what should be.</summary>
public sealed partial class DirectorControl
{
    /// <summary>What a rules file would change.</summary>
    public ReloadOutcome Plan(string text, string file) => Load(text, file, isApplied: false);

    /// <summary>Makes the rules those of a file's text: what is the same stays untouched, a file with a problem changes nothing.</summary>
    public ReloadOutcome Load(string text, string file) => Load(text, file, isApplied: true);

    /// <summary>Makes the rules of some services those wanted; all other services stay as they are.</summary>
    /// <param name="wanted">The rules.</param>
    /// <param name="isOwned">Whether a service in force is one of those: it goes when it is not wanted.</param>
    /// <param name="file">Where the rules come from, for the log.</param>
    /// <param name="blame">Says where a step comes from that the director refuses.</param>
    /// <remarks>The rules were rehearsed by who wants them: they are again only if the director refuses one all the same, for all its refusals.</remarks>
    public ReloadOutcome LoadRehearsed(RuleSet wanted, Func<ServiceKey, bool> isOwned, string file, Func<RuleChange, RuleResult, RuleDiagnostic> blame)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        lock (_gate) return LoadAlone(wanted, isOwned, file, blame, [], isApplied: true, isRehearsed: true);
    }

    /// <summary>Finds where the rules of some services differ from those wanted, and puts that right if it is to be.</summary>
    /// <param name="wanted">The rules, which were in force before.</param>
    /// <param name="isOwned">Whether a service in force is one of those.</param>
    /// <param name="blame">Says where a step comes from that the director refuses.</param>
    /// <param name="isApplied">Whether it is put right.</param>
    public ReloadOutcome Reconcile(RuleSet wanted, Func<ServiceKey, bool> isOwned, Func<RuleChange, RuleResult, RuleDiagnostic> blame, bool isApplied)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        lock (_gate)
        {
            ReloadOutcome found = LoadAlone(wanted, isOwned, "", blame, [], isApplied: false, isRehearsed: true);
            return isApplied && found.Steps.Count > 0 ? LoadAlone(wanted, isOwned, "what should be", blame, [], isApplied: true, isRehearsed: true) : found;
        }
    }

    /// <summary>The same for the whole daemon: against its keepalived.conf, checks and VRRP included, or against its rules file as it is now.</summary>
    public ReconcileOutcome Reconcile(bool isApplied) =>
        Configuration is { } configuration ? configuration.Reconcile(isApplied) : new ReconcileOutcome(LoadFile(isApplied), []);

    /// <summary>Reads the file the daemon was started with, and loads it; the key of the peer channel too.</summary>
    public ReloadOutcome Reload()
    {
        PeerKey? key;
        try
        {
            key = _options.Peers?.ReadNewKey();
        }
        catch (PeerKeyException e)
        {
            return Failed(_options.Peers?.KeyFile ?? "netvs", e.Message);
        }

        ReloadOutcome outcome = Configuration is { } configuration ? configuration.Load()
            : _options.RulesFile is null && key is not null ? new ReloadOutcome([], []) : LoadFile(isApplied: true);
        if (outcome.IsOk && key is not null) _options.Peers!.Use(key);
        else key?.Dispose();
        return outcome;
    }

    private ReloadOutcome LoadFile(bool isApplied)
    {
        if (_options.RulesFile is not { } file)
            return Failed("netvs", "the daemon was started without a rules file: start it with --rules FILE or -f FILE");
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Failed(file, $"cannot be read: {e.Message}");
        }

        return Load(text, file, isApplied);
    }

    private static ReloadOutcome Failed(string file, string message) => new([], [new RuleDiagnostic(file, 1, 1, message)]);

    private ReloadOutcome Load(string text, string file, bool isApplied)
    {
        RulesDocument document = RulesDocument.Parse(text, file, _names);
        lock (_gate) return LoadAlone(document.Rules, _ => true, file, document.Blame, document.Problems, isApplied);
    }

    private ReloadOutcome LoadAlone(
        RuleSet wanted, Func<ServiceKey, bool> isOwned, string file, Func<RuleChange, RuleResult, RuleDiagnostic> blame,
        IReadOnlyList<RuleDiagnostic> known, bool isApplied, bool isRehearsed = false)
    {
        RuleSet current = RuleApplier.Read(_engine);
        current = new RuleSet([.. current.Services.Where(s => isOwned(s.Rule.Key))], current.Marks);
        IReadOnlyList<RuleChange> steps = RuleSetDiff.Between(current, _kept.On(wanted));
        IReadOnlyList<(RuleChange Step, RuleResult Result)> refused = isRehearsed ? [] : RuleApplier.Rehearse(current, steps, _network);
        if (refused.Count == 0 && known.Count == 0 && isApplied) refused = RuleApplier.Apply(_engine, current, steps);
        if (refused.Count > 0 && isRehearsed && RuleApplier.Rehearse(current, steps, _network) is { Count: > 0 } all) refused = all;
        RuleDiagnostic[] problems =
        [
            .. known.Concat(refused.Select(r => blame(r.Step, r.Result)))
                .OrderBy(p => p.Line).ThenBy(p => p.Column).DistinctBy(p => p.Line),
        ];
        if (problems.Length > 0) return new ReloadOutcome([], problems);
        if (isApplied)
        {
            _options.Report($"rules: loaded {file}: {steps.Count} changes");
            _options.Changed();
        }

        return new ReloadOutcome(steps, []);
    }
}
