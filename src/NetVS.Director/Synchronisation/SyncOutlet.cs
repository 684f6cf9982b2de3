using NetVS.Sync;

namespace NetVS.Director.Synchronisation;

/// <summary>What there is while a master runs: a ring from each worker to each of its threads.</summary>
/// <remarks>
/// An entry always takes the same thread, by its handle, so that its records stay in their order. A ring that is full loses the record and counts it: a
/// later packet announces the connection again.
/// </remarks>
internal sealed class SyncOutlet
{
    // Of all rings of a worker together; a record is about 120 octets.
    private const int ItemsOfWorker = 16384;
    private const int LeastItems = 256;

    private readonly SyncRing<SyncItem>[] _rings;
    private readonly SyncTally _tally;

    /// <summary>Rings for so many workers and threads.</summary>
    public SyncOutlet(int workers, int threads, SyncTally tally)
    {
        Threads = threads;
        _tally = tally;
        _rings = new SyncRing<SyncItem>[workers * threads];
        for (int i = 0; i < _rings.Length; i++) _rings[i] = new SyncRing<SyncItem>(Math.Max(LeastItems, ItemsOfWorker / threads));
    }

    /// <summary>How many threads the master has: a power of two.</summary>
    public int Threads { get; }

    /// <summary>Hands a record over. Thread: the worker.</summary>
    public void Offer(int worker, int handle, in SyncItem item)
    {
        if (!_rings[(worker * Threads) + (handle & (Threads - 1))].TryWrite(in item)) _tally.Count(SyncCount.RecordsLost);
    }

    /// <summary>Takes the next record for a thread, from any worker. Thread: that one.</summary>
    public bool TryTake(int thread, out SyncItem item)
    {
        for (int ring = thread; ring < _rings.Length; ring += Threads)
            if (_rings[ring].TryRead(out item)) return true;
        item = default;
        return false;
    }
}
