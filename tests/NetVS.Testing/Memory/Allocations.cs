namespace NetVS.Testing.Memory;

/// <summary>Measures what a piece of the hot path allocates.</summary>
public static class Allocations
{
    private const int WarmUp = 100, Attempts = 5;

    /// <summary>Octets allocated by so many rounds on this thread, after a warm-up that is not counted: the least of several measurements.</summary>
    /// <remarks>What a path allocates shows in each of them; what the runtime allocates on this thread once in a while (a method compiled anew, a type initialised) does not.</remarks>
    public static long Measure(int rounds, Action action)
    {
        for (int i = 0; i < WarmUp; i++) action();
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least > 0; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < rounds; i++) action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
