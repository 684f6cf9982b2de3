using NetVS.Director.Connections;
using NetVS.Director.Forwarding;
using NetVS.Packets;

namespace NetVS.Director;

/// <summary>One partition of the director: its connections, its timers, its counters.</summary>
/// <remarks>Thread: everything here belongs to the one thread that drives this worker, unless a member says otherwise.</remarks>
public sealed class DirectorWorker
{
    internal DirectorWorker(DirectorEngine engine, int index)
    {
        Engine = engine;
        Index = index;
    }

    /// <summary>Position in <see cref="DirectorEngine.Workers"/>.</summary>
    public int Index { get; }

    internal DirectorEngine Engine { get; }

    /// <summary>Takes the further frames of packets that became several. Set once, before the first packet.</summary>
    public IFrameSink? Sink { get; set; }

    /// <summary>
    /// The index of the worker that owns the packet's connection: this one's or another's. With several workers a packet must be
    /// handed to its owner before <see cref="Process"/>; with one worker the answer is always 0.
    /// </summary>
    public int FindOwner(in Packet packet) => throw new NotImplementedException();

    /// <summary>Decides about one packet and rewrites it in place. Allocates nothing, throws nothing.</summary>
    /// <param name="packet">The frame; on Transmit it is what must be sent.</param>
    /// <param name="now">The time, read once per batch.</param>
    public Verdict Process(ref Packet packet, MonotonicTime now) => throw new NotImplementedException();

    /// <summary>Expires what is due, bounded work per call.</summary>
    /// <returns>When to call again at the latest, if no packet comes before.</returns>
    public MonotonicTime AdvanceTimers(MonotonicTime now) => throw new NotImplementedException();

    /// <summary>Connections in this partition now. Thread: any.</summary>
    public int ConnectionCount => throw new NotImplementedException();

    /// <summary>Appends a view of connections, resuming at <paramref name="cursor"/>; returns the next cursor, or -1 at the end.</summary>
    /// <param name="cursor">0 to begin, then what the last call returned.</param>
    /// <param name="limit">The most connections to look at in this call, so that packets do not wait.</param>
    /// <param name="now">For the time left.</param>
    /// <param name="into">Where views are appended.</param>
    public long CopyConnections(long cursor, int limit, MonotonicTime now, List<ConnectionView> into) => throw new NotImplementedException();
}
