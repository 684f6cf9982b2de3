using NetVS.Sync.Peers;

namespace NetVS.Director.Synchronisation;

/// <summary>What there is while peers are told: a ring from each worker to the one thread that tells them.</summary>
/// <remarks>A ring that is full loses the record; who reads sees <see cref="Lost"/> move and tells everything anew.</remarks>
internal sealed class PeerOutlet
{
    // Of a worker; a record is about 200 octets.
    private const int ItemsOfWorker = 16384;

    private readonly SyncRing<PeerRecord>[] _rings;
    private long _lost;

    /// <summary>Rings for so many workers.</summary>
    public PeerOutlet(int workers)
    {
        _rings = new SyncRing<PeerRecord>[workers];
        for (int i = 0; i < workers; i++) _rings[i] = new SyncRing<PeerRecord>(ItemsOfWorker);
    }

    /// <summary>Records lost. Thread: any.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>Hands a record over. Thread: the worker.</summary>
    public void Offer(int worker, in PeerRecord record)
    {
        if (!_rings[worker].TryWrite(in record)) Interlocked.Increment(ref _lost);
    }

    /// <summary>Takes the next record, from any worker. Thread: the one that tells.</summary>
    public bool TryTake(out PeerRecord record)
    {
        foreach (SyncRing<PeerRecord> ring in _rings)
            if (ring.TryRead(out record)) return true;
        record = default;
        return false;
    }
}
