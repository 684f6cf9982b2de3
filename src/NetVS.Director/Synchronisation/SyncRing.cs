using System.Numerics;

namespace NetVS.Director.Synchronisation;

/// <summary>What is on its way from a worker to the thread that sends it: bounded, nobody waits.</summary>
/// <remarks>
/// Threads: one writer, one reader. The writer fills a place and then stores <c>Written</c> with release, which the reader loads with acquire; the
/// reader stores <c>Read</c> with release when it has copied a place out, which the writer loads with acquire. Both count up modulo 2^32.
/// </remarks>
/// <typeparam name="TItem">What is handed over, by value.</typeparam>
internal sealed class SyncRing<TItem>
    where TItem : struct
{
    private readonly TItem[] _items;
    private SyncRingIndices _indices;

    /// <summary>An empty ring of at least so many places.</summary>
    public SyncRing(int capacity) => _items = new TItem[BitOperations.RoundUpToPowerOf2((uint)capacity)];

    /// <summary>Appends an item. Thread: the writer.</summary>
    /// <returns>False when there is no room.</returns>
    public bool TryWrite(in TItem item)
    {
        uint written = _indices.Written;
        if (unchecked(written - Volatile.Read(ref _indices.Read)) == (uint)_items.Length) return false;
        _items[written & (uint)(_items.Length - 1)] = item;
        Volatile.Write(ref _indices.Written, unchecked(written + 1));
        return true;
    }

    /// <summary>Takes the oldest item. Thread: the reader.</summary>
    public bool TryRead(out TItem item)
    {
        item = default;
        uint read = _indices.Read;
        if (read == Volatile.Read(ref _indices.Written)) return false;
        item = _items[read & (uint)(_items.Length - 1)];
        Volatile.Write(ref _indices.Read, unchecked(read + 1));
        return true;
    }
}
