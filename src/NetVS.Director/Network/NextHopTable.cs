using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>Next hops by dense id: (logical interface, address) resolved to MACs. Contract; see the members.</summary>
/// <remarks>
/// Threads: workers read without a lock and may add; the control thread writes what rtnetlink says. An id stays valid for the
/// life of the table. Workers mark what they use (<see cref="MarkUsed"/>), so that control keeps just those fresh in the kernel.
/// </remarks>
public sealed class NextHopTable
{
    /// <summary>The id for this next hop, allocated when new (cold path: takes a lock).</summary>
    public int GetOrAdd(int logicalInterface, IpAddress address) => throw new NotImplementedException();

    /// <summary>One consistent reading of a next hop; no lock.</summary>
    public NextHop Read(int id) => throw new NotImplementedException();

    /// <summary>Notes that a packet wanted this next hop; a plain store, at most once per batch is enough.</summary>
    public void MarkUsed(int id, MonotonicTime now) => throw new NotImplementedException();

    /// <summary>Asks control to have an unresolved next hop resolved; cheap, repeatable, no lock.</summary>
    public void RequestResolution(int id) => throw new NotImplementedException();

    /// <summary>Changes whenever any next hop changes state or MAC: held packets are looked at again.</summary>
    public long Version => throw new NotImplementedException();
}
