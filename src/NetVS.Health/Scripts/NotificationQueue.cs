using System.Threading.Channels;
using NetVS.Keepalived.Model;

namespace NetVS.Health.Scripts;

/// <summary>Runs notify and quorum scripts one after the other, in the order of what they tell.</summary>
/// <remarks>
/// keepalived runs them side by side, so that they may end in another order; here the next one waits, but not longer than <see cref="s_patience"/>: one
/// that takes longer goes on beside the next, and is not killed before <see cref="s_longest"/>. Of scripts that wait, 10,000 are kept. Threads: any.
/// </remarks>
internal sealed class NotificationQueue
{
    private const int MostWaiting = 10_000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(10);
    private readonly Channel<(ScriptCommand Script, ScriptSettings Settings, string What)> _waiting =
        Channel.CreateBounded<(ScriptCommand, ScriptSettings, string)>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly ScriptRunner _runner;
    private readonly Action<string> _report;
    private readonly Task _running;

    /// <summary>Begins with nothing to run.</summary>
    public NotificationQueue(ScriptRunner runner, Action<string> report)
    {
        _runner = runner;
        _report = report;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Runs a script after those before it; null runs nothing.</summary>
    public void Add(ScriptCommand? script, ScriptSettings settings, string what)
    {
        if (script is null) return;
        if (!_waiting.Writer.TryWrite((script, settings, what))) _report($"{what}: {script.Program} is not run: {MostWaiting} scripts wait already");
    }

    /// <summary>Takes no more, and waits for those that wait.</summary>
    /// <returns>Whether all have run in time.</returns>
    public bool End(TimeSpan patience)
    {
        _waiting.Writer.TryComplete();
        return _running.Wait(patience);
    }

    private async Task RunAsync()
    {
        await foreach ((ScriptCommand script, ScriptSettings settings, string what) in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            Task run = RunAsync(script, settings, what);
            await Task.WhenAny(run, Task.Delay(s_patience)).ConfigureAwait(false);
        }
    }

    private async Task RunAsync(ScriptCommand script, ScriptSettings settings, string what)
    {
        ScriptOutcome outcome = await _runner.RunAsync(script, settings, s_longest, CancellationToken.None).ConfigureAwait(false);
        if (outcome.Status != 0) _report($"{what}: {script.Program}: {(outcome.Status is { } status ? $"exit status {status} " : "")}{outcome.Detail}".TrimEnd());
    }
}
