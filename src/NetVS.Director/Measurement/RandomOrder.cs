namespace NetVS.Director.Measurement;

/// <summary>Orders of access that no cache and no prefetcher can foresee, the same in every run.</summary>
internal static class RandomOrder
{
    /// <summary>The least number of accesses in one round, so that the clock's own cost vanishes.</summary>
    public const int LeastLength = 1 << 17;

    /// <summary>Random numbers below <paramref name="count"/>; when there are as many, each occurs once.</summary>
    public static int[] Of(int count, int length)
    {
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
