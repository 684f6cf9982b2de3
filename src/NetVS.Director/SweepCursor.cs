namespace NetVS.Director;

/// <summary>How far a pass through all connections of a worker has come: IPv4's first, then IPv6's, a part in every call.</summary>
/// <remarks>Thread: the worker's.</remarks>
internal struct SweepCursor
{
    /// <summary>Whether a pass is under way.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>Whether it has come to IPv6's connections.</summary>
    public bool IsV6 { get; private set; }

    /// <summary>The handle looked at last; 0 before the first.</summary>
    public int Handle { get; private set; }

    /// <summary>Begins a pass, from the start where one is under way.</summary>
    public void Begin() => this = new SweepCursor { IsRunning = true };

    /// <summary>Notes where a part of the pass ended.</summary>
    /// <param name="handle">The handle looked at last; -1 at the end of a family.</param>
    /// <returns>Whether there is more to do.</returns>
    public bool MoveTo(int handle)
    {
        if (handle >= 0) Handle = handle;
        else if (IsV6) this = default;
        else (IsV6, Handle) = (true, 0);
        return IsRunning;
    }
}
