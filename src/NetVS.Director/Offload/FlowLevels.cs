// bpf/flow.h: read it first.

namespace NetVS.Director.Offload;

/// <summary>The levels of a flow table: the masks by which a flow's first bucket may be found, and the one by which new flows are placed.</summary>
/// <remarks>Immutable but for <see cref="Settle"/>, which any worker may call: what it chooses is a matter of speed alone.</remarks>
internal sealed class FlowLevels
{
    private readonly uint[] _masks;
    private int _placing;

    /// <summary>The levels of a table.</summary>
    /// <param name="mask">Its buckets less one.</param>
    public FlowLevels(uint mask)
    {
        List<uint> masks = [mask];
        for (int level = 1; level < FlowAbi.Levels; level++)
        {
            uint smaller = mask >> (level * FlowAbi.LevelShift);
            if (smaller >= FlowAbi.SmallestLevel) masks.Add(smaller);
        }

        masks.Reverse();
        _masks = [.. masks];
    }

    /// <summary>How many there are.</summary>
    public int Count => _masks.Length;

    /// <summary>The level where new flows are placed, 0 being the smallest.</summary>
    public int Placing => Volatile.Read(ref _placing);

    /// <summary>The mask of a level.</summary>
    public uint this[int level] => _masks[level];

    /// <summary>The mask of the largest.</summary>
    public uint Largest => _masks[^1];

    /// <summary>Chooses the level where new flows are placed: the smallest that is at most half full; a larger one is left only when that is an eighth full.</summary>
    /// <param name="lines">Lines given out.</param>
    /// <returns>Whether it is another one now.</returns>
    public bool Settle(int lines)
    {
        int placing = Placing, chosen = placing;
        while (chosen < Count - 1 && lines > LinesOf(chosen) / 2) chosen++;
        while (chosen > 0 && lines < LinesOf(chosen - 1) / 8) chosen--;
        if (chosen == placing) return false;
        Volatile.Write(ref _placing, chosen);
        return true;
    }

    /// <summary>Whether a bucket is the first one of a hash by some level.</summary>
    public bool HasFirst(uint hash, int bucket)
    {
        foreach (uint mask in _masks)
        {
            if ((hash & mask) == (uint)bucket) return true;
        }

        return false;
    }

    /// <summary>A bucket that is not one of a smaller level, too, where more flows are: itself, or its counterpart in the other half.</summary>
    public uint Uncrowded(uint bucket) => Count > 1 && bucket <= _masks[^2] ? bucket ^ ((Largest >> 1) + 1) : bucket;

    private long LinesOf(int level) => ((long)_masks[level] + 1) * FlowAbi.Ways;
}
