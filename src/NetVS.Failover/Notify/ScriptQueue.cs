using NetVS.Failover.Plan;

namespace NetVS.Failover.Notify;

/// <summary>The notify scripts of one instance or group: one after the other, in the order of what happened.</summary>
/// <remarks>
/// A script that takes long holds the next one back for ten seconds at most: then both run. Beyond 64 that wait, the oldest news are not worth
/// more than the newest, and further ones are dropped and said so. Threads: any.
/// </remarks>
internal sealed class ScriptQueue(Action<string> log)
{
    private const int MostWaiting = 64;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private readonly Lock _gate = new();
    private Task _tail = Task.CompletedTask;
    private int _waiting;

    /// <summary>Runs a script after those before it.</summary>
    public void Add(ScriptAccount account, IReadOnlyList<string> arguments)
    {
        lock (_gate)
        {
            if (_waiting >= MostWaiting)
            {
                log($"the script {arguments[0]} is not run: {MostWaiting} wait already");
                return;
            }

            _waiting++;
            _tail = RunAsync(_tail, account, arguments);
        }
    }

    /// <summary>Waits until all have run, or the time is over.</summary>
    public void WaitForAll(TimeSpan timeout)
    {
        Task tail;
        lock (_gate) tail = _tail;
        tail.Wait(timeout);
    }

    private async Task RunAsync(Task before, ScriptAccount account, IReadOnlyList<string> arguments)
    {
        await before.ConfigureAwait(false);
        await Task.Yield();
        using ScriptProcess? process = ScriptProcess.TryStart(account, arguments, log);
        if (process is not null) await process.WaitAsync(s_patience, CancellationToken.None).ConfigureAwait(false);
        lock (_gate) _waiting--;
    }
}
