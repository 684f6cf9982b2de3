using NetVS.Director.Forwarding;

namespace NetVS.Director;

// What the one who drives a worker needs besides Process and AdvanceTimers.
public sealed partial class DirectorWorker
{
    /// <summary>Counts a packet that was lost after its verdict, or before it could get one: no room to hold it, no worker to take it.</summary>
    public void CountDrop(DropReason reason) => Counters.CountDrop(reason);
}
