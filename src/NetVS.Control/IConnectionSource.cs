namespace NetVS.Control;

/// <summary>Reads connections where they live: in the workers, each on its own thread.</summary>
/// <remarks>The executable binds it to the worker loops; a page is read between two batches of packets.</remarks>
public interface IConnectionSource
{
    /// <summary>How many workers there are.</summary>
    int WorkerCount { get; }

    /// <summary>Connections of all workers now.</summary>
    long ConnectionCount { get; }

    /// <summary>Reads some connections of one worker.</summary>
    /// <param name="worker">The worker's index.</param>
    /// <param name="cursor">0 to begin, then what the last page said.</param>
    /// <param name="limit">The most entries to look at.</param>
    Task<ConnectionPage> ReadAsync(int worker, long cursor, int limit);
}
