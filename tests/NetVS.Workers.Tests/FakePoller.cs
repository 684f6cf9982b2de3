using NetVS.Links;

namespace NetVS.Workers.Tests;

/// <summary>A poller that sleeps on nothing but being woken.</summary>
internal sealed class FakePoller : IPoller
{
    private readonly SemaphoreSlim _wake = new(0);

    public IReadOnlyList<ILink> Links { get; private set; } = [];

    public int Wakes { get; private set; }

    public void SetLinks(IReadOnlyList<ILink> links) => Links = links;

    public void Wait(TimeSpan timeout) => _wake.Wait(timeout);

    public void Wake()
    {
        Wakes++;
        _wake.Release();
    }

    public void Dispose()
    {
    }
}
