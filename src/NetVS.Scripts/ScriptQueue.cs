using System.Threading.Channels;
using NetVS.Keepalived.Model;

namespace NetVS.Scripts;

/// <summary>Runs scripts one after the other, in the order of what they tell.</summary>
/// <remarks>
/// keepalived runs them side by side, so that they may end in another order; here the next one waits, but not longer than <see cref="s_patience"/>: one
/// that takes longer goes on beside the next, and is not killed before <see cref="s_longest"/>. Threads: any.
/// </remarks>
public sealed class ScriptQueue
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(10);
    private readonly Channel<(ScriptCommand Script, ScriptPolicy Policy, string What, string[] Added)> _waiting;
    private readonly int _most;
    private readonly Action<string> _report;
    private readonly Task _running;

    /// <summary>Begins with nothing to run.</summary>
    /// <param name="most">How many may wait; beyond that, further ones are dropped and said so.</param>
    /// <param name="report">Takes a line where a script does not run, or fails.</param>
    public ScriptQueue(int most, Action<string> report)
    {
        _most = most;
        _report = report;
        _waiting = Channel.CreateBounded<(ScriptCommand, ScriptPolicy, string, string[])>(new BoundedChannelOptions(most) { SingleReader = true });
        _running = Task.Run(RunAsync);
    }

    /// <summary>Runs a script after those before it; null runs nothing.</summary>
    /// <param name="script">The script.</param>
    /// <param name="policy">Who runs it, and whether it may run.</param>
    /// <param name="what">What it tells, for the log.</param>
    /// <param name="added">More arguments.</param>
    public void Add(ScriptCommand? script, ScriptPolicy policy, string what, params string[] added)
    {
        if (script is null) return;
        if (!_waiting.Writer.TryWrite((script, policy, what, added))) _report($"{what}: {script.Program} is not run: {_most} scripts wait already");
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
        await foreach ((ScriptCommand script, ScriptPolicy policy, string what, string[] added) in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            Task run = RunAsync(script, policy, what, added);
            await Task.WhenAny(run, Task.Delay(s_patience)).ConfigureAwait(false);
        }
    }

    private async Task RunAsync(ScriptCommand script, ScriptPolicy policy, string what, string[] added)
    {
        ScriptOutcome outcome = await ScriptRunner.RunAsync(script, policy, s_longest, CancellationToken.None, added).ConfigureAwait(false);
        if (outcome.Status != 0) _report($"{what}: {script.Program}: {(outcome.Status is { } status ? $"exit status {status} " : "")}{outcome.Detail}".TrimEnd());
    }
}
