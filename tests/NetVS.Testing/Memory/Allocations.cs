namespace NetVS.Testing.Memory;

/// <summary>Measures what a piece of the hot path allocates.</summary>
public static class Allocations
{
    /// <summary>Octets allocated by so many rounds on this thread, after a warm-up that is not counted.</summary>
    public static long Measure(int rounds, Action action)
    {
        for (int i = 0; i < 100; i++) action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < rounds; i++) action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
