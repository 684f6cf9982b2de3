using System.Runtime.InteropServices;

namespace NetVS.Benchmarks;

/// <summary>The processor time of the calling thread: what others do on the machine does not count, what they do to the caches does.</summary>
internal static partial class ThreadClock
{
    private const int CLOCK_THREAD_CPUTIME_ID = 3;

    /// <summary>Nanoseconds of processor time.</summary>
    public static long Nanoseconds()
    {
        if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, out TimeSpec time) != 0) throw new InvalidOperationException("clock_gettime failed");
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, out TimeSpec time);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
