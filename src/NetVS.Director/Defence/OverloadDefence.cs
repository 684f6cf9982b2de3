// Reference §4.5.

namespace NetVS.Director.Defence;

/// <summary>Decides once a second which of IPVS's three defences against overload are active: drop_entry, drop_packet, secure_tcp.</summary>
/// <remarks>
/// <para>Each is off (0), automatic (1: armed; 2: armed and active, which this class writes itself), or always on (3). The automatic modes are active
/// while memory is short: fewer pages are free than <c>amemthresh</c>.</para>
/// <para>Beyond IPVS, whose entries take their memory from the kernel as they come: here it is reserved, so that a connection table runs full long before the
/// host's memory does. A table counts as short of memory from the moment when less than a sixteenth of it is free, and the less, the
/// shorter.</para>
/// Threads: <see cref="Update"/> by control; the rest is read by workers, each value a word of its own.
/// </remarks>
internal sealed class OverloadDefence(DirectorSettings settings)
{
    /// <summary>The part of a table that must be free, lest memory be called short.</summary>
    private const int FreePart = 16;

    private int _dropRate;
    private int _thinnings;

    /// <summary>One in so many new connections is dropped; 0: none.</summary>
    public int DropRate => Volatile.Read(ref _dropRate);

    /// <summary>Counts up when the workers shall thin out their connections; each that sees another number than before does so once.</summary>
    public int Thinnings => Volatile.Read(ref _thinnings);

    /// <summary>Looks at the memory there is. Once a second.</summary>
    /// <param name="freePages">The host's free memory in pages of 4 KiB, or <see cref="long.MaxValue"/> where it is not known.</param>
    /// <param name="tables">Each connection table: its entries, and the most it may have.</param>
    /// <returns>Whether drop_entry is active.</returns>
    public bool Update(long freePages, ReadOnlySpan<(long Count, long Capacity)> tables)
    {
        long threshold = settings.AmemThresh, available = freePages;
        foreach ((long count, long capacity) in tables)
            available = Math.Min(available, Math.Max(0, capacity - count) * FreePart * threshold / Math.Max(1, capacity));
        bool isShort = available < threshold;

        bool thins = settings.TurnDropEntry(isShort);
        settings.TurnSecureTcp(isShort);
        bool drops = settings.TurnDropPacket(isShort);
        int rate = !drops ? 0 : settings.DropPacket == DirectorSettings.AlwaysOn ? settings.AmDropRate : (int)Math.Max(1, threshold / (threshold - available));

        // Partners: DropRate, and Thinnings, which the workers compare.
        Volatile.Write(ref _dropRate, rate);
        if (thins) Volatile.Write(ref _thinnings, unchecked(_thinnings + 1));
        return thins;
    }
}
