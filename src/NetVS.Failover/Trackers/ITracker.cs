namespace NetVS.Failover.Trackers;

/// <summary>Watches something on a thread of its own and tells what it finds.</summary>
public interface ITracker : IAsyncDisposable
{
    /// <summary>What it watches.</summary>
    TrackerKey Key { get; }

    /// <summary>Its definition, by value: a reload keeps a tracker whose definition is the same.</summary>
    object Definition { get; }

    /// <summary>Begins.</summary>
    /// <param name="report">Takes each result that is new: 1 for good, 0 for bad; a file's number. Any thread.</param>
    void Start(Action<TrackerKey, int> report);
}
