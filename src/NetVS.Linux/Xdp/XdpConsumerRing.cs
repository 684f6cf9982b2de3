using NetVS.Linux.Native;

namespace NetVS.Linux.Xdp;

/// <summary>A ring the kernel fills and we empty: the receive ring (of descriptors) and the completion ring (of addresses).</summary>
/// <remarks>
/// Who writes what: the consumer index is ours, the producer index the kernel's. The producer index is loaded with acquire (partner: the
/// kernel's release after it wrote the entries); the consumer index is stored with release after the entries were read.
/// </remarks>
internal sealed unsafe class XdpConsumerRing<T> : IDisposable
    where T : unmanaged
{
    private readonly NativeMapping _mapping;
    private readonly uint* _producer;
    private readonly uint* _consumer;
    private readonly T* _entries;
    private readonly uint _mask;
    private uint _next;

    public XdpConsumerRing(NativeMapping mapping, in xdp_ring_offset offsets, uint size)
    {
        _mapping = mapping;
        _producer = (uint*)(mapping.Address + offsets.producer);
        _consumer = (uint*)(mapping.Address + offsets.consumer);
        _entries = (T*)(mapping.Address + offsets.desc);
        _mask = size - 1;
        _next = *_consumer;
    }

    /// <summary>How many entries wait, at most <paramref name="limit"/>.</summary>
    public uint Peek(uint limit) => Math.Min(unchecked(Volatile.Read(ref *_producer) - _next), limit);

    /// <summary>One of the waiting entries, counted from the oldest.</summary>
    public T this[uint index] => _entries[unchecked(_next + index) & _mask];

    /// <summary>Gives the oldest entries back to the kernel.</summary>
    public void Release(uint count)
    {
        _next = unchecked(_next + count);
        Volatile.Write(ref *_consumer, _next);
    }

    /// <summary>Unmaps the ring; the socket is closed before.</summary>
    public void Dispose() => _mapping.Dispose();
}
