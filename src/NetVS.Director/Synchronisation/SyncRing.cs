using System.Numerics;
using System.Runtime.InteropServices;

namespace NetVS.Director.Synchronisation;

/// <summary>Records on their way from a worker to a master's thread: bounded, nobody waits.</summary>
/// <remarks>
/// Threads: one writer, one reader. The writer fills a place and then stores <c>Written</c> with release, which the reader loads with acquire; the
/// reader stores <c>Read</c> with release when it has copied a place out, which the writer loads with acquire. Both count up modulo 2^32.
/// </remarks>
internal sealed class SyncRing
{
    private readonly SyncItem[] _items;
    private Indices _indices;

    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct Indices
    {
        [FieldOffset(64)]
        public uint Written;

        [FieldOffset(128)]
        public uint Read;
    }

    /// <summary>An empty ring of at least so many places.</summary>
    public SyncRing(int capacity) => _items = new SyncItem[BitOperations.RoundUpToPowerOf2((uint)capacity)];

    /// <summary>Appends an item. Thread: the writer.</summary>
    /// <returns>False when there is no room.</returns>
    public bool TryWrite(in SyncItem item)
    {
        uint written = _indices.Written;
        if (unchecked(written - Volatile.Read(ref _indices.Read)) == (uint)_items.Length) return false;
        _items[written & (uint)(_items.Length - 1)] = item;
        Volatile.Write(ref _indices.Written, unchecked(written + 1));
        return true;
    }

    /// <summary>Takes the oldest item. Thread: the reader.</summary>
    public bool TryRead(out SyncItem item)
    {
        item = default;
        uint read = _indices.Read;
        if (read == Volatile.Read(ref _indices.Written)) return false;
        item = _items[read & (uint)(_items.Length - 1)];
        Volatile.Write(ref _indices.Read, unchecked(read + 1));
        return true;
    }
}
