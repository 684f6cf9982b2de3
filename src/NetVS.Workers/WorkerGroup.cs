using NetVS.Director;
using NetVS.Director.Network;
using NetVS.Links;

namespace NetVS.Workers;

/// <summary>All workers of a director, with the rings between them.</summary>
/// <remarks>
/// Build it for a director, start it, hand <see cref="Loops"/> to the link manager; stop the link manager first. Frames for another
/// worker go through one bounded ring per pair of workers.
/// </remarks>
public sealed class WorkerGroup : IDisposable
{
    private const int RingCapacity = 1 << 20;

    private readonly WorkerLoop[] _loops;

    /// <summary>Makes a loop for each worker of a director.</summary>
    /// <param name="director">The director.</param>
    /// <param name="network">Its network.</param>
    /// <param name="createPoller">Makes what an idle worker sleeps in.</param>
    public WorkerGroup(DirectorEngine director, NetworkState network, Func<IPoller> createPoller)
    {
        ArgumentNullException.ThrowIfNull(director);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(createPoller);
        int count = director.Workers.Count;
        var rings = new HandoverRing?[count, count];
        for (int from = 0; from < count; from++)
            for (int to = 0; to < count; to++)
                if (from != to) rings[from, to] = new HandoverRing(RingCapacity);

        _loops = new WorkerLoop[count];
        for (int i = 0; i < count; i++)
        {
            var inbound = new HandoverRing?[count];
            var outbound = new HandoverRing?[count];
            for (int other = 0; other < count; other++) (inbound[other], outbound[other]) = (rings[other, i], rings[i, other]);
            _loops[i] = new WorkerLoop(director.Workers[i], network.NextHops, createPoller(), inbound, outbound);
        }

        foreach (WorkerLoop loop in _loops) loop.Meet(_loops);
    }

    /// <summary>The loops, by worker index.</summary>
    public IReadOnlyList<WorkerLoop> Loops => _loops;

    /// <summary>Starts all threads, in the network namespace of the caller.</summary>
    public void Start()
    {
        foreach (WorkerLoop loop in _loops) loop.Start();
    }

    /// <summary>Asks every worker the same, and returns the answers by worker index. Thread: any.</summary>
    public Task<T[]> QueryAllAsync<T>(Func<DirectorWorker, T> question) => Task.WhenAll(_loops.Select(l => l.QueryAsync(question)));

    /// <summary>Ends all threads.</summary>
    public void Stop()
    {
        foreach (WorkerLoop loop in _loops) loop.Stop();
    }

    /// <summary>Stops, and closes what idle workers slept in.</summary>
    public void Dispose()
    {
        Stop();
        foreach (WorkerLoop loop in _loops) loop.Dispose();
    }
}
