using NetVS.Director;
using NetVS.Packets;

namespace NetVS.Control.Synchronisation;

/// <summary>Records on their way to the workers they belong to.</summary>
/// <remarks>
/// A worker gets at most <see cref="BatchSize"/> records at once, and no more than <see cref="MostUnderWay"/> such batches wait for it: then whoever
/// delivers waits. Thread: one at a time.
/// </remarks>
/// <typeparam name="TRecord">What is delivered.</typeparam>
/// <param name="workers">How many workers there are.</param>
/// <param name="delivery">Reaches them.</param>
/// <param name="take">What a worker does with a batch.</param>
#pragma warning disable CA1001 // Batches under way give their room back whenever their worker comes to it: the semaphores are left to them, and have no handle.
internal sealed class WorkerBatches<TRecord>(int workers, ISyncDelivery delivery, Action<DirectorWorker, TRecord[], MonotonicTime> take)
#pragma warning restore CA1001
{
    private const int BatchSize = 64;
    private const int MostUnderWay = 16;

    private readonly List<TRecord>[] _waiting = [.. Enumerable.Range(0, workers).Select(_ => new List<TRecord>(BatchSize))];
    private readonly SemaphoreSlim[] _room = [.. Enumerable.Range(0, workers).Select(_ => new SemaphoreSlim(MostUnderWay))];

    /// <summary>Appends a record for a worker.</summary>
    /// <returns>Whether a batch is full.</returns>
    public bool Add(int worker, in TRecord record)
    {
        _waiting[worker].Add(record);
        return _waiting[worker].Count >= BatchSize;
    }

    /// <summary>Delivers everything, waiting for each batch's room so long at most.</summary>
    /// <returns>Records that could not be delivered.</returns>
    public int Deliver(TimeSpan patience)
    {
        int lost = 0;
        for (int worker = 0; worker < _waiting.Length; worker++)
        {
            while (_waiting[worker].Count > 0)
            {
                TRecord[] records = TakeBatch(worker);
                if (!_room[worker].Wait(patience) || !TryPost(worker, records)) lost += records.Length;
            }
        }

        return lost;
    }

    /// <summary>Delivers everything, waiting for room as long as it takes.</summary>
    /// <returns>Records that could not be delivered: there are no workers.</returns>
    public async Task<int> DeliverAsync(CancellationToken cancellation)
    {
        int lost = 0;
        for (int worker = 0; worker < _waiting.Length; worker++)
        {
            while (_waiting[worker].Count > 0)
            {
                TRecord[] records = TakeBatch(worker);
                await _room[worker].WaitAsync(cancellation);
                if (!TryPost(worker, records)) lost += records.Length;
            }
        }

        return lost;
    }

    /// <summary>Waits until workers have taken everything that was delivered.</summary>
    public async Task SettleAsync(CancellationToken cancellation)
    {
        foreach (SemaphoreSlim room in _room)
        {
            for (int i = 0; i < MostUnderWay; i++) await room.WaitAsync(cancellation);
            room.Release(MostUnderWay);
        }
    }

    private TRecord[] TakeBatch(int worker)
    {
        List<TRecord> waiting = _waiting[worker];
        int count = Math.Min(waiting.Count, BatchSize);
        TRecord[] batch = [.. waiting.GetRange(0, count)];
        waiting.RemoveRange(0, count);
        return batch;
    }

    private bool TryPost(int worker, TRecord[] records)
    {
        SemaphoreSlim room = _room[worker];
        bool isPosted = delivery.TryPost(worker, (owner, now) =>
        {
            take(owner, records, now);
            room.Release();
        });
        if (!isPosted) room.Release();
        return isPosted;
    }
}
