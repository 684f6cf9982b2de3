using NetVS.Packets;

namespace NetVS.Director.FullNat;

/// <summary>A worker's pools of local ports, one for each local address and real server in use.</summary>
/// <remarks>
/// A pool costs about 8.5 KB and is made when the first connection needs it; one that has been empty for two minutes is given up.
/// Nothing is allocated for a connection whose pool is there. Thread: the owning worker.
/// </remarks>
/// <typeparam name="TAddress">The family's address.</typeparam>
internal sealed class LocalPortTable<TAddress>
    where TAddress : unmanaged, IEquatable<TAddress>
{
    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(2);

    private readonly Dictionary<PoolKey, LocalPortPool> _pools = [];
    private readonly List<PoolKey> _givenUp = [];
    private readonly IRandomSource _random;
    private readonly int _worker;
    private readonly int _workers;
    private LocalPortRange _range;

    /// <summary>No pools yet.</summary>
    public LocalPortTable(int worker, int workers, IRandomSource random)
    {
        _worker = worker;
        _workers = workers;
        _random = random;
        _range = new LocalPortRange(0, 0, worker, workers);
    }

    /// <summary>The pair a pool belongs to.</summary>
    private readonly record struct PoolKey(TAddress Local, TAddress Real, ushort RealPort, IpProtocol Protocol);

    /// <summary>Pools there are now.</summary>
    public int PoolCount => _pools.Count;

    /// <summary>Says which ports may be given out; ports in use outside of them stay until released.</summary>
    public void SetRange(int minimum, int maximum)
    {
        if (_range.Minimum == minimum && _range.Maximum == maximum) return;
        _range = new LocalPortRange(minimum, maximum, _worker, _workers);
    }

    /// <summary>Takes a port of a local address that no live connection uses towards the real server.</summary>
    public bool TryTake(IpProtocol protocol, TAddress local, TAddress real, ushort realPort, MonotonicTime now, out ushort port)
    {
        LocalPortPool pool = FindPool(new PoolKey(local, real, realPort, protocol));
        pool.LastUsed = now;
        return pool.TryTake(_range, out port);
    }

    /// <summary>Takes one certain port: that of a connection of a director before this one.</summary>
    /// <returns>False where it is in use.</returns>
    public bool TryReserve(IpProtocol protocol, TAddress local, TAddress real, ushort realPort, ushort port, MonotonicTime now)
    {
        LocalPortPool pool = FindPool(new PoolKey(local, real, realPort, protocol));
        pool.LastUsed = now;
        return pool.TryReserve(port);
    }

    /// <summary>Gives a port back when its connection has left the table.</summary>
    public void Release(IpProtocol protocol, TAddress local, TAddress real, ushort realPort, ushort port, MonotonicTime now)
    {
        if (!_pools.TryGetValue(new PoolKey(local, real, realPort, protocol), out LocalPortPool? pool)) return;
        pool.Release(port);
        pool.LastUsed = now;
    }

    /// <summary>Gives up pools that have been empty for two minutes. About once a minute.</summary>
    public void GiveUpIdle(MonotonicTime now)
    {
        _givenUp.Clear();
        foreach ((PoolKey key, LocalPortPool pool) in _pools)
            if (pool.InUse == 0 && now - pool.LastUsed >= s_idle) _givenUp.Add(key);
        foreach (PoolKey key in _givenUp) _pools.Remove(key);
    }

    private LocalPortPool FindPool(PoolKey key)
    {
        if (_pools.TryGetValue(key, out LocalPortPool? pool)) return pool;
        return MakePool(key);
    }

    private LocalPortPool MakePool(PoolKey key)
    {
        var pool = new LocalPortPool(_range, (ushort)_random.NextBelow(65536));
        _pools.Add(key, pool);
        return pool;
    }
}
