namespace NetVS.Director.Measurement;

/// <summary>Orders of access that no cache and no prefetcher can foresee, the same in every run.</summary>
internal static class RandomOrder
{
    private const int LeastLength = 32 * Meter.PieceLength;

    /// <summary>Numbers below <paramref name="count"/> in random order, all of them equally often but for one; whole pieces.</summary>
    public static int[] Of(int count)
    {
        int length = (Math.Max(count, LeastLength) + Meter.PieceLength - 1) / Meter.PieceLength * Meter.PieceLength;
        var order = new int[length];
        for (int i = 0; i < length; i++) order[i] = i % count;

        // Fisher and Yates, with splitmix64 for the choice.
        ulong state = 1;
        for (int i = length - 1; i > 0; i--)
        {
            int j = (int)(Mix(ref state) % (ulong)(i + 1));
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    private static ulong Mix(ref ulong state)
    {
        unchecked
        {
            ulong z = state += 0x9E37_79B9_7F4A_7C15;
            z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
            z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
            return z ^ (z >> 31);
        }
    }
}
