using System.Diagnostics;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Services;

/// <summary>All destinations by dense index, for connections that hold an index instead of a reference.</summary>
/// <remarks>
/// Threads: control adds and removes; workers read without a lock. The table is in chunks that never move, and an entry is
/// written before the snapshot that makes its index known is published. An index is used again only after its destination has
/// lain in the trash without a connection for two minutes.
/// </remarks>
internal sealed class DestinationTable
{
    /// <summary>Entries of a chunk, as a power of two.</summary>
    internal const int ChunkBits = 10;

    /// <summary>Entries of a chunk.</summary>
    internal const int ChunkSize = 1 << ChunkBits;

    /// <summary>The most destinations there can be, those in the trash included.</summary>
    internal const int Capacity = ChunkSize * ChunkSize;

    /// <summary>The index that stands for no real server: what a message of another director told of and no rule here knows.</summary>
    internal const int Unbound = 0;

    private readonly Destination?[][] _chunks = new Destination?[ChunkSize][];
    private readonly Stack<int> _free = new();
    private readonly Dictionary<(ServiceKey, IpEndpoint), int> _preferred = [];
    private int _next = 1;

    /// <summary>An empty table.</summary>
    public DestinationTable()
    {
        var nowhere = new VirtualServiceRule { Key = ServiceKey.Of(IpProtocol.HopByHop, IpAddress.AnyOf(IpFamily.V4), 0) };
        var nobody = new DestinationRule { Real = new IpEndpoint(IpAddress.AnyOf(IpFamily.V4), 0) };
        _chunks[0] = new Destination?[ChunkSize];
        _chunks[0][Unbound] = new Destination(Unbound, new VirtualServiceState(-1, nowhere, null), nobody);
    }

    /// <summary>The destination with this index, which a connection or a snapshot named.</summary>
    public Destination this[int index] => _chunks[index >> ChunkBits][index & (ChunkSize - 1)]!;

    /// <summary>The destination with an index that somebody outside remembers, or null.</summary>
    public Destination? Find(int index) => index is > 0 and < Capacity ? _chunks[index >> ChunkBits]?[index & (ChunkSize - 1)] : null;

    /// <summary>
    /// Keeps indices for destinations that are added later: what outlived another director knows them by these numbers. Only before
    /// anything was reserved; indices that cannot be, and second claims to one, are left out. Thread: control.
    /// </summary>
    public void Prefer(IEnumerable<DestinationSlot> wishes)
    {
        Debug.Assert(_next == 1, "indices have been given out already");
        var kept = new HashSet<int>();
        foreach ((int index, ServiceKey service, IpEndpoint real) in wishes)
            if (index is >= 1 and < Capacity && kept.Add(index) && !_preferred.TryAdd((service, real), index)) kept.Remove(index);
        _next = kept.DefaultIfEmpty(0).Max() + 1;
        for (int index = _next - 1; index > 0; index--)
            if (!kept.Contains(index)) _free.Push(index);
    }

    /// <summary>Reserves an index. Thread: control.</summary>
    /// <returns>False when the table is full.</returns>
    public bool TryReserve(ServiceKey service, IpEndpoint real, out int index)
    {
        if (!_preferred.Remove((service, real), out index) && !TryTake(out index)) return false;
        _chunks[index >> ChunkBits] ??= new Destination?[ChunkSize];
        return true;
    }

    /// <summary>Puts a destination at the index it was made with. Thread: control.</summary>
    public void Set(Destination destination) => _chunks[destination.Index >> ChunkBits][destination.Index & (ChunkSize - 1)] = destination;

    /// <summary>Forgets a destination nobody refers to; its index is free again. Thread: control.</summary>
    public void Release(Destination destination)
    {
        _chunks[destination.Index >> ChunkBits][destination.Index & (ChunkSize - 1)] = null;
        _free.Push(destination.Index);
    }

    private bool TryTake(out int index)
    {
        if (_free.TryPop(out index)) return true;
        index = _next;
        if (_next == Capacity) return false;
        _next++;
        return true;
    }
}
