namespace NetVS.Director.Offload;

/// <summary>What one worker has done with the flow table, since it began.</summary>
/// <remarks>Threads: written with plain stores by the worker alone; anybody reads the words, each whole, while they move.</remarks>
internal sealed class OffloadTally
{
    private readonly long[] _counts = new long[Enum.GetValues<OffloadCount>().Length];

    /// <summary>Counts one more.</summary>
    public void Count(OffloadCount counted) => Add(counted, 1);

    /// <summary>Adds to a count.</summary>
    public void Add(OffloadCount counted, int number)
    {
        unchecked { _counts[(int)counted] += number; }
    }

    /// <summary>Reads a count. Thread: any.</summary>
    public long Read(OffloadCount counted) => Volatile.Read(ref _counts[(int)counted]);
}
