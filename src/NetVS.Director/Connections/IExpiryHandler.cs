using NetVS.Packets;

namespace NetVS.Director.Connections;

/// <summary>Decides about connections whose deadline has passed.</summary>
internal interface IExpiryHandler<TAddress>
    where TAddress : unmanaged, IEquatable<TAddress>
{
    /// <summary>A connection's deadline has passed: release what it holds, or keep it.</summary>
    /// <remarks>The table removes the entry after this returns 0. Other entries may be removed meanwhile, this one may not.</remarks>
    /// <returns>0 to let it go; otherwise the seconds to keep it from now on (60 for one that is still needed, reference §5.4).</returns>
    uint Expire(int handle, ref Connection<TAddress> connection, MonotonicTime now);

    /// <summary>Takes in when packets of a connection passed the fast path. Called before its deadline is judged.</summary>
    /// <returns>Seconds that the connection would have from its next packet on.</returns>
    uint ReadBack(int handle, ref Connection<TAddress> connection, MonotonicTime now);
}
