using System.Diagnostics;
using System.Runtime.InteropServices;
using NetVS.Links;
using NetVS.Packets;

namespace NetVS.Workers;

/// <summary>Frames on their way from the worker that received them to the one that owns their connection: a bounded ring of octets.</summary>
/// <remarks>
/// <para>Threads: one producer, one consumer. The producer writes a record and then stores <c>_written</c> with release; the consumer loads it with
/// acquire, and stores <c>_released</c> with release when it has done with the octets, which the producer loads with acquire. Both
/// count octets since the beginning and never run back.</para>
/// <para>A record is a header, then room for a frame with headroom and tailroom, so that the consumer works on it where it lies; it never
/// wraps: where the end of the buffer is too near, a filler record covers the rest. The memory is pinned, so frames in it are stable.</para>
/// </remarks>
internal sealed class HandoverRing
{
    private const int Tailroom = 128;
    private const int Alignment = 64;
    private const int FillerLength = -1;

    private readonly byte[] _memory;
    private readonly int _capacity;
    private Indices _indices;

    // The two ends' words in lines of their own, so that they do not pull one line to and fro.
    [StructLayout(LayoutKind.Explicit, Size = 320)]
    private struct Indices
    {
        [FieldOffset(64)]
        public long Written;

        [FieldOffset(72)]
        public long KnownReleased;

        [FieldOffset(192)]
        public long Released;

        [FieldOffset(200)]
        public long Read;
    }

    private struct Record
    {
        public int Size;
        public int Length;
        public int ReceiveInterface;
        public uint Mark;
        public PacketOffload Offload;
    }

    /// <summary>Makes an empty ring.</summary>
    /// <param name="capacity">Octets; a multiple of 64.</param>
    public HandoverRing(int capacity)
    {
        Debug.Assert(capacity % Alignment == 0, "records are multiples of the alignment, and so is the end");
        _capacity = capacity;
        _memory = GC.AllocateArray<byte>(capacity, pinned: true);
    }

    /// <summary>Whether there is anything to take. Thread: any.</summary>
    public bool IsEmpty => Volatile.Read(ref _indices.Written) == Volatile.Read(ref _indices.Read);

    /// <summary>Copies a frame in. Thread: the producer.</summary>
    /// <returns>False when there is no room.</returns>
    public bool TryWrite(ReadOnlySpan<byte> frame, int receiveInterface, in PacketOffload offload, uint mark = 0)
    {
        int size = HeaderSize + LinkFrame.Headroom + frame.Length + Tailroom;
        size = (size + Alignment - 1) & ~(Alignment - 1);
        long written = _indices.Written;
        int at = (int)(written % _capacity);
        int filler = at + size > _capacity ? _capacity - at : 0;
        if (!HasRoom(written, size + filler)) return false;
        if (filler > 0)
        {
            At(at) = new Record { Size = filler, Length = FillerLength };
            written += filler;
            at = 0;
        }

        At(at) = new Record { Size = size, Length = frame.Length, ReceiveInterface = receiveInterface, Mark = mark, Offload = offload };
        frame.CopyTo(_memory.AsSpan(at + HeaderSize + LinkFrame.Headroom));
        Volatile.Write(ref _indices.Written, written + size);
        return true;
    }

    /// <summary>Takes the next frame; its octets stay until <see cref="Release"/>. Thread: the consumer.</summary>
    public bool TryRead(ref LinkFrame frame)
    {
        while (true)
        {
            long read = _indices.Read;
            if (Volatile.Read(ref _indices.Written) == read) return false;
            int at = (int)(read % _capacity);
            ref Record record = ref At(at);
            Volatile.Write(ref _indices.Read, read + record.Size);
            if (record.Length == FillerLength) continue;
            frame = new LinkFrame
            {
                Buffer = _memory.AsSpan(at + HeaderSize, record.Size - HeaderSize),
                Offset = LinkFrame.Headroom,
                Length = record.Length,
                ReceiveInterface = record.ReceiveInterface,
                Mark = record.Mark,
                Offload = record.Offload,
                IsStable = true,
            };
            return true;
        }
    }

    /// <summary>Gives the room of all frames taken so far back. Thread: the consumer.</summary>
    public void Release() => Volatile.Write(ref _indices.Released, _indices.Read);

    private static int HeaderSize => Alignment;

    private bool HasRoom(long written, int size)
    {
        if (written + size - _indices.KnownReleased <= _capacity) return true;
        _indices.KnownReleased = Volatile.Read(ref _indices.Released);
        return written + size - _indices.KnownReleased <= _capacity;
    }

    private ref Record At(int offset) => ref MemoryMarshal.AsRef<Record>(_memory.AsSpan(offset, HeaderSize));
}
