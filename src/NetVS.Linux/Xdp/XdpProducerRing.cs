using System.Diagnostics;
using NetVS.Linux.Native;

namespace NetVS.Linux.Xdp;

/// <summary>A ring we fill and the kernel empties: the fill ring (of addresses) and the transmit ring (of descriptors).</summary>
/// <remarks>
/// Who writes what: the producer index is ours, the consumer index the kernel's. Entries are written first and published by a release
/// store of the producer index, whose partner is the kernel's acquire load; the kernel's consumer index is loaded with acquire, only
/// when the cached one says that the ring is full. Indices run freely over 32 bits.
/// </remarks>
internal sealed unsafe class XdpProducerRing<T> : IDisposable
    where T : unmanaged
{
    private readonly NativeMapping _mapping;
    private readonly uint* _producer;
    private readonly uint* _consumer;
    private readonly uint* _flags;
    private readonly T* _entries;
    private readonly uint _mask;
    private uint _next;
    private uint _cachedConsumer;

    public XdpProducerRing(NativeMapping mapping, in xdp_ring_offset offsets, uint size)
    {
        _mapping = mapping;
        _producer = (uint*)(mapping.Address + offsets.producer);
        _consumer = (uint*)(mapping.Address + offsets.consumer);
        _flags = (uint*)(mapping.Address + offsets.flags);
        _entries = (T*)(mapping.Address + offsets.desc);
        _mask = size - 1;
        Size = size;
        _next = *_producer;
        _cachedConsumer = *_consumer;
    }

    /// <summary>Entries in all.</summary>
    public uint Size { get; }

    /// <summary>Entries we wrote, published or not, that the kernel has not taken.</summary>
    public uint InFlight
    {
        get
        {
            _cachedConsumer = Volatile.Read(ref *_consumer);
            return unchecked(_next - _cachedConsumer);
        }
    }

    /// <summary>Whether the kernel asks to be told of new entries by a system call.</summary>
    public bool NeedsWakeup => (Volatile.Read(ref *_flags) & XdpAbi.XDP_RING_NEED_WAKEUP) != 0;

    /// <summary>How many entries can be written now, looking at the kernel's index only when the cached one does not suffice.</summary>
    public uint FreeAtLeast(uint wanted)
    {
        uint free = unchecked(Size - (_next - _cachedConsumer));
        if (free >= wanted) return free;
        return Size - InFlight;
    }

    /// <summary>Writes one entry; the caller has seen that there is room. Not visible to the kernel before <see cref="Publish"/>.</summary>
    public void Write(in T entry)
    {
        Debug.Assert(unchecked(_next - *_consumer) < Size, "the ring is full");
        _entries[_next & _mask] = entry;
        _next = unchecked(_next + 1);
    }

    /// <summary>Shows the kernel all entries written so far.</summary>
    public void Publish() => Volatile.Write(ref *_producer, _next);

    /// <summary>Unmaps the ring; the socket is closed before.</summary>
    public void Dispose() => _mapping.Dispose();
}
