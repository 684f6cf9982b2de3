namespace NetVS.Health.Checks;

/// <summary>Runs thousands of checks when they are due, on the runtime's threads.</summary>
/// <remarks>
/// <para>One timer for all of them: it fires for the earliest, and everything due within <see cref="s_grain"/> of it runs in the same turn. At most
/// <see cref="MostAtOnce"/> attempts are under way (each may hold a socket until its time is over); what is due beyond that begins as others end.</para>
/// <para>Threads: any. The outcome of an attempt is given to <c>completed</c> outside of the lock; it says when the next is due.</para>
/// </remarks>
internal sealed class CheckScheduler : IDisposable
{
    /// <summary>The most attempts under way.</summary>
    public const int MostAtOnce = 4096;

    private static readonly TimeSpan s_grain = TimeSpan.FromMilliseconds(10);
    private readonly Lock _lock = new();
    private readonly PriorityQueue<Check, long> _due = new();
    private readonly Queue<Check> _waiting = new();
    private readonly TimeProvider _time;
    private readonly Func<Check, ProbeResult, TimeSpan, TimeSpan> _completed;
    private readonly ITimer _timer;
    private long _armed = long.MaxValue;
    private int _running;
    private bool _hasEnded;

    /// <summary>Begins with nothing to do.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="completed">Takes an attempt's result and how long it took; returns the time until the next.</param>
    public CheckScheduler(TimeProvider time, Func<Check, ProbeResult, TimeSpan, TimeSpan> completed)
    {
        _time = time;
        _completed = completed;
        _timer = time.CreateTimer(_ => Turn(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Lets a check run after a time, and again and again until its <see cref="Check.Ending"/> is cancelled.</summary>
    public void Add(Check check, TimeSpan delay)
    {
        lock (_lock)
        {
            _due.Enqueue(check, ToTicks(delay));
            Arm();
        }
    }

    /// <summary>Starts nothing any more.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _hasEnded = true;
            _due.Clear();
            _waiting.Clear();
        }

        _timer.Dispose();
    }

    private long ToTicks(TimeSpan delay) => _time.GetTimestamp() + (long)(Math.Max(delay.TotalSeconds, 0) * _time.TimestampFrequency);

    // Under the lock.
    private void Arm()
    {
        if (_hasEnded || !_due.TryPeek(out _, out long due) || due >= _armed) return;
        _armed = due;
        TimeSpan delay = _time.GetElapsedTime(_time.GetTimestamp(), due);
        _timer.Change(delay > s_grain ? delay : s_grain, Timeout.InfiniteTimeSpan);
    }

    private void Turn()
    {
        var begun = new List<Check>();
        lock (_lock)
        {
            _armed = long.MaxValue;
            long now = ToTicks(s_grain);
            while (_due.TryPeek(out Check? check, out long due) && due <= now)
            {
                _due.Dequeue();
                if (_running < MostAtOnce)
                {
                    _running++;
                    begun.Add(check);
                }
                else
                {
                    _waiting.Enqueue(check);
                }
            }

            Arm();
        }

        foreach (Check check in begun) _ = RunAsync(check);
    }

    private async Task RunAsync(Check? check)
    {
        while (check is not null)
        {
            await RunOnceAsync(check).ConfigureAwait(false);
            lock (_lock)
            {
                if (!_waiting.TryDequeue(out check)) _running--;
            }
        }
    }

    private async Task RunOnceAsync(Check check)
    {
        CancellationToken ending = check.Ending.Token;
        if (ending.IsCancellationRequested) return;
        long began = _time.GetTimestamp();
        ProbeResult result;
        try
        {
            result = await check.Probe.AskAsync(check.State.Step, ending).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }
#pragma warning disable CA1031 // One check's fault must end neither the others nor its own next attempt; it is said.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            result = ProbeResult.LocalProblem($"{fault.GetType().Name}: {fault.Message}");
        }

        if (ending.IsCancellationRequested) return;
        TimeSpan took = _time.GetElapsedTime(began);
        TimeSpan delay = _completed(check, result, took);
        if (check.State.Policy.CountsFromStart) delay = delay > took ? delay - took : TimeSpan.Zero;
        if (!ending.IsCancellationRequested) Add(check, delay);
    }
}
