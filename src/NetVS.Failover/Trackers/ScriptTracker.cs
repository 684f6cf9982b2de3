using NetVS.Failover.Notify;
using NetVS.Failover.Plan;
using NetVS.Keepalived.Model;

namespace NetVS.Failover.Trackers;

/// <summary>Runs a vrrp_script at its interval.</summary>
internal sealed class ScriptTracker(VrrpScript script, ScriptAccount account, Action<string> log) : ITracker
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _end = new();
    private Task _task = Task.CompletedTask;

    /// <inheritdoc/>
    public TrackerKey Key { get; } = new("script", script.Name);

    /// <inheritdoc/>
    public object Definition { get; } = (script.Name, string.Join('\0', script.Script?.Arguments ?? []), script.Interval, script.Timeout, script.Rise, script.Fall, script.FailsAtStart, account);

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
        using ScriptProcess? process = ScriptProcess.TryStart(account, script.Script?.Arguments ?? [], log);
        if (process is null) return 127;
        TimeSpan timeout = script.Timeout > TimeSpan.Zero ? script.Timeout : script.Interval;
        try
        {
            if (await process.WaitAsync(timeout, _end.Token) is { } status) return status;
            log($"Script `{script.Name}` timed out after {timeout.TotalSeconds} s");
            process.Terminate();
            if (await process.WaitAsync(s_patience, _end.Token) is null)
            {
                process.Kill();
                await process.WaitAsync(s_patience, _end.Token);
            }

            return -1;
        }
        catch (OperationCanceledException)
        {
            process.Terminate();
            throw;
        }
    }
}
