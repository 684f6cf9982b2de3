namespace NetVS.Benchmarks.Connections;

/// <summary>A loser: heads and chains through the entries, as kernels have them. Each link of a chain is one more cache miss.</summary>
internal sealed class ChainedIndex(int capacity)
{
    private readonly int[] _heads = new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity)];
    private readonly (ulong Hash, int Next)[] _entries = new (ulong, int)[capacity + 1];

    public void Add(ulong hash, int handle)
    {
        ref int head = ref _heads[hash & (ulong)(_heads.Length - 1)];
        _entries[handle] = (hash, head);
        head = handle;
    }

    public int Find(ulong hash)
    {
        int handle = _heads[hash & (ulong)(_heads.Length - 1)];
        while (handle != 0 && _entries[handle].Hash != hash) handle = _entries[handle].Next;
        return handle;
    }
}
