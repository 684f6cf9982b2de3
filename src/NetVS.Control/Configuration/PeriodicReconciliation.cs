using NetVS.Keepalived.Model;
using NetVS.Rules.RulesFile;

namespace NetVS.Control.Configuration;

/// <summary>Reconciles now and then, as <c>netvs_reconcile</c> says, and says what it found.</summary>
/// <remarks>What is only reported is said once, and again when it is another thing. Thread: the timer's, one run after the other.</remarks>
internal sealed class PeriodicReconciliation
{
    private readonly Func<bool, ReconcileOutcome> _reconcile;
    private readonly Action<string> _warn;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private GlobalDefinitions _global = new();
    private string _said = "";
    private bool _hasEnded;

    /// <summary>Does nothing yet.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="reconcile">Finds differences, and puts them right if the argument says so.</param>
    /// <param name="warn">Takes lines for the log.</param>
    public PeriodicReconciliation(TimeProvider time, Func<bool, ReconcileOutcome> reconcile, Action<string> warn)
    {
        _reconcile = reconcile;
        _warn = warn;
        _timer = time.CreateTimer(_ => Run(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Takes the interval of a configuration; the next run comes after it.</summary>
    public void Configure(GlobalDefinitions global)
    {
        lock (_gate)
        {
            _global = global;
            Plan();
        }
    }

    /// <summary>Ends it; a run under way ends by itself.</summary>
    public void End()
    {
        lock (_gate) _hasEnded = true;
        _timer.Dispose();
    }

    private void Plan()
    {
        if (!_hasEnded) _timer.Change(_global.ReconcileInterval ?? Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private void Run()
    {
        bool isApplied;
        lock (_gate)
        {
            if (_hasEnded) return;
            isApplied = !_global.ReconcilesByReport;
        }

        Say(_reconcile(isApplied), isApplied);
        lock (_gate) Plan();
    }

    private void Say(ReconcileOutcome outcome, bool isApplied)
    {
        string all = string.Join('\n', outcome.Lines);
        if (!isApplied && all == _said) return;
        _said = all;
        foreach (string line in outcome.Lines) _warn(isApplied ? $"reconcile: put right: {line}" : $"reconcile: differs ('netvs reconcile' puts it right): {line}");
        foreach (RuleDiagnostic problem in outcome.Rules.Problems) _warn($"reconcile: cannot be put right: {problem.Message}");
    }
}
