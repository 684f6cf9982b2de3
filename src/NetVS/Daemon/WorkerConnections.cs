using NetVS.Control;
using NetVS.Control.Synchronisation;
using NetVS.Director;
using NetVS.Director.Connections;
using NetVS.Packets;
using NetVS.Workers;

namespace NetVS.Daemon;

/// <summary>Reads connections on the threads of their workers.</summary>
internal sealed class WorkerConnections : IConnectionSource, ISyncDelivery
{
    private WorkerGroup? _workers;

    /// <inheritdoc/>
    public int WorkerCount => _workers?.Loops.Count ?? 0;

    /// <summary>Connections in all partitions; set together with the workers.</summary>
    public required Func<long> Count { get; init; }

    /// <inheritdoc/>
    public long ConnectionCount => Count();

    /// <summary>Begins to read from these workers.</summary>
    public void Bind(WorkerGroup workers) => _workers = workers;

    /// <inheritdoc/>
    public MonotonicTime Now => MonotonicClock.Now;

    /// <inheritdoc/>
    public bool TryPost(int worker, Action<DirectorWorker, MonotonicTime> action)
    {
        if (_workers is not { } workers) return false;
        workers.Loops[worker].Post(w => action(w, MonotonicClock.Now));
        return true;
    }

    /// <inheritdoc/>
    public async Task<ConnectionPage> ReadAsync(int worker, long cursor, int limit)
    {
        var views = new List<ConnectionView>(limit);
        long next = await _workers!.Loops[worker].QueryAsync(w => w.CopyConnections(cursor, limit, MonotonicClock.Now, views));
        return new ConnectionPage(views, next);
    }
}
