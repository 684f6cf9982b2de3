using NetVS.Memory;

namespace NetVS.Director.Offload;

/// <summary>The reading side of one ring of reports: a <c>BPF_MAP_TYPE_RINGBUF</c>, by its memory.</summary>
/// <remarks>
/// <para>The kernel's layout (Documentation/bpf/ringbuf.rst): the consumer's position, which we write and the kernel reads; the producer's
/// position, which the kernel writes; the data, mapped twice in a row so that no record wraps. A record is a word with its length (bit 31:
/// still being written, bit 30: discarded), a word of the kernel's, then the octets, rounded up to 8 together.</para>
/// Thread: the worker that owns the ring.
/// </remarks>
internal sealed class FlowRing
{
    private const uint BusyBit = 1u << 31, DiscardBit = 1u << 30;
    private const int HeaderSize = 8;

    private readonly NativeArray<ulong> _consumer;
    private readonly NativeArray<ulong> _producer;
    private readonly NativeArray<ulong> _data;
    private readonly ulong _mask;

    /// <summary>A ring.</summary>
    /// <param name="consumer">The consumer's position: the first word of its page.</param>
    /// <param name="producer">The producer's position: the first word of its page.</param>
    /// <param name="data">The data, both mappings: twice <paramref name="size"/> octets.</param>
    /// <param name="size">Octets of the ring: a power of two.</param>
    public FlowRing(NativeArray<ulong> consumer, NativeArray<ulong> producer, NativeArray<ulong> data, int size)
    {
        _consumer = consumer;
        _producer = producer;
        _data = data;
        _mask = (ulong)size - 1;
    }

    /// <summary>Whether a record may be waiting. Thread: any.</summary>
    public bool IsEmpty => Volatile.Read(ref _producer[0]) == Volatile.Read(ref _consumer[0]);

    /// <summary>Takes the next record.</summary>
    /// <returns>False when there is none that is complete.</returns>
    public bool TryRead(out FlowEvent report)
    {
        report = default;
        ulong position = _consumer[0];
        while (true)
        {
            // Partner: the kernel's store-release of the producer's position, then of the record's length word.
            if (Volatile.Read(ref _producer[0]) == position) return false;
            int word = (int)((position & _mask) / sizeof(ulong));
            uint length = unchecked((uint)Volatile.Read(ref _data[word]));
            if ((length & BusyBit) != 0) return false;
            bool isDiscarded = (length & DiscardBit) != 0;
            if (!isDiscarded)
            {
                ulong first = _data[word + 1], second = _data[word + 2];
                report = unchecked(new FlowEvent
                {
                    Line = (uint)first,
                    Version = (uint)(first >> 32),
                    When = (uint)second,
                    Family = (byte)(second >> 32),
                    Flags = (byte)(second >> 40),
                });
            }

            ulong octets = (length & ~(BusyBit | DiscardBit)) + HeaderSize;
            position += (octets + 7) & ~7UL;

            // Partner: the kernel's load-acquire before it reuses the room.
            Volatile.Write(ref _consumer[0], position);
            if (!isDiscarded) return true;
        }
    }
}
