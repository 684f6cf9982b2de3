using NetVS.Keepalived.Model;
using NetVS.Scripts;

namespace NetVS.Failover.Trackers;

/// <summary>Runs a vrrp_script at its interval.</summary>
internal sealed class ScriptTracker(VrrpScript script, ScriptCommand command, ScriptPolicy policy, Action<string> log) : ITracker
{
    // What a shell says of a program that is not there.
    private const int NotStarted = 127;
    private readonly CancellationTokenSource _end = new();
    private Task _task = Task.CompletedTask;

    /// <inheritdoc/>
    public TrackerKey Key { get; } = new("script", script.Name);

    /// <inheritdoc/>
    public object Definition { get; } = (script.Name, string.Join('\0', script.Script?.Arguments ?? []), script.Interval, script.Timeout, script.Rise, script.Fall, script.FailsAtStart, command.User, command.Group, policy);

    /// <inheritdoc/>
    public void Start(Action<TrackerKey, int> report) => _task = Task.Run(() => RunAsync(report));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _task;
        _end.Dispose();
    }

    private async Task RunAsync(Action<TrackerKey, int> report)
    {
        var counter = new RiseFall(script.Rise, script.Fall, script.FailsAtStart);
        if (script.FailsAtStart) report(Key, 0);
        using var timer = new PeriodicTimer(script.Interval);
        int? before = null;
        try
        {
            do
            {
                int status = await RunOnceAsync();
                if (before is not null && status != before) log($"Script `{script.Name}` now returning {status}");
                before = status;
                if (counter.Note(status == 0) is { } isUp) report(Key, isUp ? 1 : 0);
            }
            while (await timer.WaitForNextTickAsync(_end.Token));
        }
        catch (OperationCanceledException)
        {
            // The tracker ends.
        }
    }

    private async Task<int> RunOnceAsync()
    {
        TimeSpan timeout = script.Timeout > TimeSpan.Zero ? script.Timeout : script.Interval;
        ScriptOutcome outcome = await ScriptRunner.RunAsync(command, policy, timeout, _end.Token);
        _end.Token.ThrowIfCancellationRequested();
        if (outcome.IsTimedOut) log($"Script `{script.Name}` timed out after {timeout.TotalSeconds} s");
        return outcome.Status ?? (outcome.IsTimedOut ? -1 : NotStarted);
    }
}
