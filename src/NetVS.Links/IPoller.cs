namespace NetVS.Links;

/// <summary>Where an idle worker sleeps: until a link has frames, somebody wakes it, or the time is up.</summary>
/// <remarks>Thread: the worker's, but for <see cref="Wake"/>.</remarks>
public interface IPoller : IDisposable
{
    /// <summary>Replaces the set of links that end a wait.</summary>
    void SetLinks(IReadOnlyList<ILink> links);

    /// <summary>Sleeps at most this long.</summary>
    void Wait(TimeSpan timeout);

    /// <summary>Ends the present wait, or the next one. Thread: any.</summary>
    void Wake();
}
