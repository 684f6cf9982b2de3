namespace NetVS.Lab.Peers;

/// <summary>When the soak's requests begin: at random moments, so many a second on average, to services drawn evenly.</summary>
/// <param name="targets">The services.</param>
/// <param name="requests">Makes the requests.</param>
/// <param name="rate">Requests a second.</param>
/// <param name="seed">What is asked, and of whom, is drawn by it; when it is answered is not.</param>
internal sealed class SoakPace(IReadOnlyList<SoakTarget> targets, SoakRequests requests, int rate, int seed)
{
    private readonly Random _random = new(seed);
    private volatile bool _isOver;
    private volatile bool _isPaused = true;
    private int _underWay;

    /// <summary>Begins requests from the first <see cref="Resume"/> until <see cref="End"/>.</summary>
    public async Task RunAsync()
    {
        while (!_isOver)
        {
            // The pauses between independent arrivals are exponentially distributed.
            await Task.Delay(TimeSpan.FromSeconds(-Math.Log(1 - _random.NextDouble()) / rate));
            Interlocked.Increment(ref _underWay);
            if (_isPaused) Interlocked.Decrement(ref _underWay);
            else _ = AskAsync(targets[_random.Next(targets.Count)], new Random(_random.Next()));
        }
    }

    /// <summary>Lets no request begin, and waits until those under way have ended; each does so in its own time.</summary>
    public async Task PauseAsync()
    {
        _isPaused = true;
        Interlocked.MemoryBarrier();
        while (Volatile.Read(ref _underWay) > 0) await Task.Delay(20);
    }

    /// <summary>Goes on after a pause.</summary>
    public void Resume() => _isPaused = false;

    /// <summary>Ends it.</summary>
    public void End() => _isOver = true;

    private async Task AskAsync(SoakTarget target, Random random)
    {
        try
        {
            await requests.AskAsync(target, random);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }
}
