namespace NetVS.Links;

/// <summary>A worker, as the one who opens and closes links sees it.</summary>
/// <remarks>Thread: any. Both calls return when the worker's own thread has done it.</remarks>
public interface ILinkHost
{
    /// <summary>The worker's index.</summary>
    int Index { get; }

    /// <summary>Gives the worker a link, whose frames it handles and on which it sends from now on.</summary>
    void Attach(ILink link);

    /// <summary>Takes a link away and disposes of it, on the worker's thread.</summary>
    void Detach(ILink link);

    /// <summary>Gives the worker its way to the network stack of the host; replaces an earlier one.</summary>
    void AttachStack(ILink link);
}
