using System.Numerics;

namespace NetVS.Director.Timing;

/// <summary>The slots of a timing wheel: for each coming tick the handle of the first entry to look at.</summary>
/// <remarks>
/// <para>
/// One hashed wheel of <see cref="SlotCount"/> slots (Varghese and Lauck, "Hashed and hierarchical timing wheels", scheme 6, without
/// rounds). Timers are renewed lazily, so that an entry is looked at when its slot comes up and is filed anew if packets have moved
/// its deadline meanwhile. That makes a hierarchy of wheels unnecessary: an entry whose deadline lies beyond the wheel is filed in
/// the farthest slot, looked at once per turn (34 minutes), and filed anew.
/// </para>
/// <para>
/// Invariant: every filed entry's due tick is in the range [<see cref="Next"/>, <see cref="Next"/> + <see cref="SlotCount"/>) when it is
/// filed, so a slot holds the entries of one tick only, unless the owner fell behind by more than a turn; then the whole wheel
/// is due.
/// </para>
/// The entries themselves, with the links of a slot's list, are the owner's. Two levels of bits say which slots are in use, so that
/// empty ones cost nothing, however far time moves. Thread: the owning worker.
/// </remarks>
internal sealed class TimingWheel
{
    /// <summary>Slots, one tick each: 2,048 seconds, more than twice the longest default timeout.</summary>
    public const int SlotCount = 1 << 14;

    private const int SlotMask = SlotCount - 1;

    private readonly int[] _heads = new int[SlotCount];
    private readonly ulong[] _used = new ulong[SlotCount / 64];
    private readonly ulong[] _usedWords = new ulong[SlotCount / 64 / 64];

    /// <summary>The next tick whose entries are to be looked at; all before it have been.</summary>
    public uint Next { get; private set; }

    /// <summary>Begins anew at a tick. Only while the wheel is empty.</summary>
    public void Restart(uint tick) => Next = tick;

    /// <summary>Notes that all entries due before <paramref name="tick"/> have been looked at.</summary>
    public void MoveTo(uint tick) => Next = tick;

    /// <summary>If the owner fell behind by a turn or more, skips to where one turn still visits every slot.</summary>
    public void CatchUp(uint now)
    {
        if (TimerTick.Difference(now, Next) >= SlotCount) Next = unchecked(now - (SlotCount - 1));
    }

    /// <summary>The tick to file a deadline under: itself if the wheel reaches that far.</summary>
    public uint Reach(uint deadline)
    {
        int ahead = TimerTick.Difference(deadline, Next);
        return unchecked(ahead < 0 ? Next : ahead < SlotCount ? deadline : Next + (SlotCount - 1));
    }

    /// <summary>The first entry of a tick's slot; 0 = none.</summary>
    public int HeadOf(uint tick) => _heads[tick & SlotMask];

    /// <summary>Sets the first entry of a tick's slot; 0 = none.</summary>
    public void SetHead(uint tick, int handle)
    {
        uint slot = tick & SlotMask;
        _heads[slot] = handle;
        uint word = slot >> 6;
        if (handle != 0)
        {
            _used[word] |= 1UL << (int)(slot & 63);
            _usedWords[word >> 6] |= 1UL << (int)(word & 63);
        }
        else if ((_used[word] &= ~(1UL << (int)(slot & 63))) == 0)
        {
            _usedWords[word >> 6] &= ~(1UL << (int)(word & 63));
        }
    }

    /// <summary>How many ticks after <see cref="Next"/> the next slot in use lies; -1 if none is.</summary>
    public int TicksToNextUsed()
    {
        int from = (int)(Next & SlotMask);
        int slot = FirstUsedFrom(from);
        if (slot < 0) slot = FirstUsedFrom(0);
        return slot < 0 ? -1 : (slot - from) & SlotMask;
    }

    private int FirstUsedFrom(int slot)
    {
        int word = slot >> 6;
        ulong bits = _used[word] & (ulong.MaxValue << (slot & 63));
        if (bits != 0) return (word << 6) + BitOperations.TrailingZeroCount(bits);
        if (++word == _used.Length) return -1;

        ulong words = _usedWords[word >> 6] & (ulong.MaxValue << (word & 63));
        for (int group = word >> 6; ; words = _usedWords[group])
        {
            if (words != 0)
            {
                word = (group << 6) + BitOperations.TrailingZeroCount(words);
                return (word << 6) + BitOperations.TrailingZeroCount(_used[word]);
            }

            if (++group == _usedWords.Length) return -1;
        }
    }
}
