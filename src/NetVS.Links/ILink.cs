namespace NetVS.Links;

/// <summary>A way to receive and send frames on one interface, for one worker, in batches.</summary>
/// <remarks>
/// <para>Thread: the worker's, but for <see cref="Counters"/>, which any thread may read. The order is always: Receive, the handler
/// transmits on whichever links, Flush on those, Release on the receiving one; so a stable frame may be sent from where it lies.</para>
/// <para>Nothing here allocates or throws per packet: what cannot be sent is counted.</para>
/// </remarks>
public interface ILink : IDisposable
{
    /// <summary>The device's index.</summary>
    int InterfaceIndex { get; }

    /// <summary>Whether frames come from this link; a link may be there for sending only.</summary>
    bool CanReceive { get; }

    /// <summary>The descriptor that becomes readable when a frame is waiting; -1 where there is none.</summary>
    int Descriptor { get; }

    /// <summary>What it has carried and what it lost.</summary>
    LinkCounters Counters { get; }

    /// <summary>Hands waiting frames to the handler, at most <paramref name="budget"/>.</summary>
    /// <returns>How many there were.</returns>
    int Receive(IFrameHandler handler, int budget);

    /// <summary>Queues a frame for sending. A stable frame must stay as it is until <see cref="Flush"/>; any other is copied at once.</summary>
    void Transmit(ref LinkFrame frame);

    /// <summary>Sends what is queued.</summary>
    /// <returns>False when something is left in the ring, to be tried again within a millisecond or so.</returns>
    bool Flush();

    /// <summary>Gives the room of the frames of the last <see cref="Receive"/> back to the kernel.</summary>
    void Release();

    /// <summary>Reads what only a system call tells. Called about once a second.</summary>
    void Maintain();
}
