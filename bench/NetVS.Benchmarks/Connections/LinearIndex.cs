namespace NetVS.Benchmarks.Connections;

/// <summary>A loser: open addressing of single words, half a hash and a handle each. Removals leave tombstones or move words.</summary>
internal sealed class LinearIndex(int capacity)
{
    private readonly ulong[] _words = new ulong[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity) * 2];

    public void Add(ulong hash, int handle)
    {
        uint slot = unchecked((uint)hash) & (uint)(_words.Length - 1);
        while (_words[slot] != 0) slot = (slot + 1) & (uint)(_words.Length - 1);
        _words[slot] = (hash & 0xFFFF_FFFF_0000_0000) | (uint)handle;
    }

    public int Find(ulong hash)
    {
        uint slot = unchecked((uint)hash) & (uint)(_words.Length - 1);
        for (; _words[slot] != 0; slot = (slot + 1) & (uint)(_words.Length - 1))
        {
            if ((_words[slot] ^ hash) >> 32 == 0) return unchecked((int)(uint)_words[slot]);
        }

        return 0;
    }
}
