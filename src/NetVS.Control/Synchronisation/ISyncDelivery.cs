using NetVS.Director;
using NetVS.Packets;

namespace NetVS.Control.Synchronisation;

/// <summary>Hands what a backup received to the worker it belongs to, on that worker's thread. The executable binds it to the worker loops.</summary>
public interface ISyncDelivery
{
    /// <summary>Has a worker do something between two batches of packets; it must be short.</summary>
    /// <param name="worker">The worker's index.</param>
    /// <param name="action">What to do, with the time.</param>
    /// <returns>False when there are no workers yet, or not any more.</returns>
    bool TryPost(int worker, Action<DirectorWorker, MonotonicTime> action);

    /// <summary>The time, by the workers' clock.</summary>
    MonotonicTime Now { get; }
}
