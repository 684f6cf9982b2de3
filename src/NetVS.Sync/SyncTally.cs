namespace NetVS.Sync;

/// <summary>The counters of synchronisation. Threads: any; each count is atomic.</summary>
public sealed class SyncTally : ISyncTally
{
    private readonly long[] _counts = new long[SyncCounts.All.Count];

    /// <inheritdoc/>
    public void Count(SyncCount what) => Interlocked.Increment(ref _counts[(int)what]);

    /// <summary>Some more.</summary>
    public void Add(SyncCount what, long number) => Interlocked.Add(ref _counts[(int)what], number);

    /// <summary>What was counted since the start.</summary>
    public long Read(SyncCount what) => Volatile.Read(ref _counts[(int)what]);
}
