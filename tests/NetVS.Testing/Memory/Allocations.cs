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

    /// <summary>
    /// The least of several measurements. What a path allocates shows in each of them; what the runtime allocates on this thread once in a
    /// while (a method compiled anew, a type initialised) does not.
    /// </summary>
    public static long MeasureLeast(int rounds, Action action)
    {
        long least = Measure(rounds, action);
        for (int attempt = 0; attempt < 4 && least > 0; attempt++) least = Math.Min(least, Measure(rounds, action));
        return least;
    }
}
