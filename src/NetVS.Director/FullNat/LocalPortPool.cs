using System.Diagnostics;
using System.Numerics;
using NetVS.Packets;

namespace NetVS.Director.FullNat;

/// <summary>The ports of one local address that are in use towards one real server.</summary>
/// <remarks>
/// <para>A port of a local address may be used once towards every real server, because replies are told apart by both ends. So each
/// pair has a pool of its own: one bit per port, set from the connection's first packet until its entry leaves the table, TIME_WAIT
/// and all.</para>
/// <para>Ports are taken in rising order from a cursor, so that a port released rests as long as the others last. A second level of
/// bits says which words are full; a search therefore reads at most 2 words of ports and 17 of the second level, whether the
/// pool is empty or has one port left.</para>
/// Thread: the owning worker.
/// </remarks>
internal sealed class LocalPortPool
{
    private readonly ulong[] _taken = new ulong[LocalPortRange.Words];
    private readonly ulong[] _full = new ulong[LocalPortRange.Words / 64];
    private LocalPortRange _range;
    private int _cursor;

    /// <summary>An empty pool that begins to give out ports at or after <paramref name="firstPort"/>.</summary>
    public LocalPortPool(LocalPortRange range, ushort firstPort)
    {
        _range = range;
        _cursor = firstPort;
        Summarise();
    }

    /// <summary>Ports in use.</summary>
    public int InUse { get; private set; }

    /// <summary>When the last port was taken or released; pools long idle are given up.</summary>
    public MonotonicTime LastUsed { get; set; }

    /// <summary>Takes a free port, or says that there is none.</summary>
    public bool TryTake(LocalPortRange range, out ushort port)
    {
        if (!ReferenceEquals(range, _range))
        {
            _range = range;
            Summarise();
        }

        int word = _cursor / 64;
        ulong free = Free(word) & (ulong.MaxValue << (_cursor & 63));
        if (free == 0)
        {
            word = FindWordWithFree(word + 1);
            if (word < 0)
            {
                port = 0;
                return false;
            }

            free = Free(word);
        }

        int bit = BitOperations.TrailingZeroCount(free);
        port = (ushort)((word * 64) + bit);
        _taken[word] |= 1UL << bit;
        if (Free(word) == 0) _full[word / 64] |= 1UL << (word & 63);
        _cursor = (port + 1) & 0xFFFF;
        InUse++;
        return true;
    }

    /// <summary>Takes a certain port, whether it may be given out or not.</summary>
    /// <returns>False where it is taken.</returns>
    public bool TryReserve(ushort port)
    {
        int word = port / 64;
        ulong bit = 1UL << (port & 63);
        if ((_taken[word] & bit) != 0) return false;
        _taken[word] |= bit;
        if (Free(word) == 0) _full[word / 64] |= 1UL << (word & 63);
        InUse++;
        return true;
    }

    /// <summary>Gives a port back.</summary>
    public void Release(ushort port)
    {
        int word = port / 64;
        ulong bit = 1UL << (port & 63);
        Debug.Assert((_taken[word] & bit) != 0, "only a port that was taken is released");
        _taken[word] &= ~bit;
        if (Free(word) != 0) _full[word / 64] &= ~(1UL << (word & 63));
        InUse--;
    }

    private ulong Free(int word) => ~(_taken[word] | _range.Blocked(word));

    // Looks from a word to the end, then from the beginning: each second-level word once, the first one a second time
    // for the part below the start.
    private int FindWordWithFree(int start)
    {
        start &= LocalPortRange.Words - 1;
        int group = start / 64;
        ulong candidates = ~_full[group] & (ulong.MaxValue << (start & 63));
        for (int step = 0; step <= _full.Length; step++)
        {
            if (candidates != 0) return (group * 64) + BitOperations.TrailingZeroCount(candidates);
            group = (group + 1) & (_full.Length - 1);
            candidates = ~_full[group];
        }

        return -1;
    }

    private void Summarise()
    {
        Array.Clear(_full);
        for (int word = 0; word < LocalPortRange.Words; word++)
            if (Free(word) == 0) _full[word / 64] |= 1UL << (word & 63);
    }
}
