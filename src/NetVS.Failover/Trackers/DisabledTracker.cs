namespace NetVS.Failover.Trackers;

/// <summary>A script that must not be run: whoever tracks it is not kept waiting, nor in FAULT.</summary>
internal sealed class DisabledTracker(TrackerKey key) : ITracker
{
    /// <inheritdoc/>
    public TrackerKey Key { get; } = key;

    /// <inheritdoc/>
    public object Definition => this;

    /// <inheritdoc/>
    public void Start(Action<TrackerKey, int> report) => report(Key, 1);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
