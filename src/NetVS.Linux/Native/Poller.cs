using NetVS.Links;

namespace NetVS.Linux.Native;

/// <summary>Sleeps in ppoll(2) on the descriptors of a worker's links.</summary>
public sealed class Poller : IPoller
{
    private readonly DescriptorPoller _descriptors = new("worker");

    /// <inheritdoc/>
    public void SetLinks(IReadOnlyList<ILink> links) => _descriptors.SetDescriptors([.. links.Where(l => l.Descriptor >= 0).Select(l => l.Descriptor)]);

    /// <inheritdoc/>
    public void Wait(TimeSpan timeout)
    {
        // A link that is muted is taken from the worker soon; one that comes back is a new link.
        if (_descriptors.Wait(timeout)) _descriptors.MuteBroken();
    }

    /// <inheritdoc/>
    public void Wake() => _descriptors.Wake();

    /// <inheritdoc/>
    public void Dispose() => _descriptors.Dispose();
}
