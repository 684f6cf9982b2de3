using NetVS.Director.Forwarding;
using NetVS.Packets;

namespace NetVS.Workers;

/// <summary>Finished frames that wait for their next hop's MAC: few, for a second at most, in the order they came.</summary>
/// <remarks>
/// Bounds: <see cref="Capacity"/> in all, <see cref="PerNextHop"/> per next hop, <see cref="LargeCapacity"/> longer than <see cref="SlotSize"/>; the
/// oldest gives way. Everything here is the exception, so entries are a plain array that is closed up when one leaves.
/// Thread: the worker's. Nothing is allocated after construction.
/// </remarks>
internal sealed class HeldFrames
{
    /// <summary>Frames in all.</summary>
    public const int Capacity = 256;

    /// <summary>Frames per next hop.</summary>
    public const int PerNextHop = 32;

    /// <summary>Frames longer than a slot.</summary>
    public const int LargeCapacity = 8;

    /// <summary>Octets of an ordinary slot, headroom included.</summary>
    public const int SlotSize = 2304;

    private const int LargeSlotSize = 68 << 10;

    private readonly byte[][] _small = new byte[Capacity][];
    private readonly byte[][] _large = new byte[LargeCapacity][];
    private readonly Entry[] _entries = new Entry[Capacity];
    private int _smallFree = Capacity;
    private int _largeFree = LargeCapacity;

    private struct Entry
    {
        public byte[] Slot;
        public int Length;
        public int NextHop;
        public int ReceiveInterface;
        public int TransmitInterface;
        public PacketOffload Offload;
        public MonotonicTime Since;
    }

    public HeldFrames()
    {
        for (int i = 0; i < Capacity; i++) _small[i] = new byte[SlotSize];
        for (int i = 0; i < LargeCapacity; i++) _large[i] = new byte[LargeSlotSize];
    }

    /// <summary>Frames held now.</summary>
    public int Count { get; private set; }

    /// <summary>When the oldest came; meaningful while <see cref="Count"/> is not 0.</summary>
    public MonotonicTime Oldest => _entries[0].Since;

    /// <summary>Takes a copy of a frame.</summary>
    /// <returns>How many frames gave way for it, itself included when it found no room: 0 or 1.</returns>
    public int Hold(in Packet packet, MonotonicTime now)
    {
        bool isLarge = Packet.Headroom + packet.Length > SlotSize;
        if (Packet.Headroom + packet.Length > LargeSlotSize) return 1;
        int evicted = MakeRoom(packet.NextHop, isLarge);
        byte[] slot = isLarge ? _large[--_largeFree] : _small[--_smallFree];
        packet.Frame.CopyTo(slot.AsSpan(Packet.Headroom));
        _entries[Count++] = new Entry
        {
            Slot = slot,
            Length = packet.Length,
            NextHop = packet.NextHop,
            ReceiveInterface = packet.ReceiveInterface,
            TransmitInterface = packet.TransmitInterface,
            Offload = packet.Offload,
            Since = now,
        };
        return evicted;
    }

    /// <summary>The next hop of an entry, counted from the oldest.</summary>
    public int NextHopOf(int index) => _entries[index].NextHop;

    /// <summary>When an entry came.</summary>
    public MonotonicTime SinceOf(int index) => _entries[index].Since;

    /// <summary>An entry as a packet; its octets stay until <see cref="Remove"/> and the next <see cref="Hold"/>.</summary>
    public Packet At(int index)
    {
        ref Entry entry = ref _entries[index];
        return new Packet
        {
            Buffer = entry.Slot,
            Offset = Packet.Headroom,
            Length = entry.Length,
            ReceiveInterface = entry.ReceiveInterface,
            TransmitInterface = entry.TransmitInterface,
            NextHop = entry.NextHop,
            Offload = entry.Offload,
        };
    }

    /// <summary>Lets an entry go; those behind it move up.</summary>
    public void Remove(int index)
    {
        byte[] slot = _entries[index].Slot;
        if (slot.Length == SlotSize) _small[_smallFree++] = slot;
        else _large[_largeFree++] = slot;
        Count--;
        Array.Copy(_entries, index + 1, _entries, index, Count - index);
        _entries[Count] = default;
    }

    private int MakeRoom(int nextHop, bool isLarge)
    {
        int ofHop = 0, oldestOfHop = -1, oldestLarge = -1;
        for (int i = 0; i < Count; i++)
        {
            ref Entry entry = ref _entries[i];
            if (entry.NextHop == nextHop)
            {
                ofHop++;
                if (oldestOfHop < 0) oldestOfHop = i;
            }

            if (oldestLarge < 0 && entry.Slot.Length != SlotSize) oldestLarge = i;
        }

        if (isLarge && _largeFree == 0) Remove(oldestLarge);
        else if (ofHop >= PerNextHop) Remove(oldestOfHop);
        else if (Count == Capacity) Remove(0);
        else return 0;
        return 1;
    }
}
