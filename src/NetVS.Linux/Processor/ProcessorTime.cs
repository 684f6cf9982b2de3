using System.Runtime.InteropServices;

namespace NetVS.Linux.Processor;

/// <summary>The calling thread and the processors: the time it has had, and where it may run.</summary>
public static partial class ProcessorTime
{
    private const int CLOCK_THREAD_CPUTIME_ID = 3;
    private const int PRIO_PROCESS = 0;

    /// <summary>Nanoseconds of processor time the calling thread has had: what others do on the machine does not count.</summary>
    public static long ThreadNanoseconds()
    {
        if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, out TimeSpec time) != 0)
            throw new KernelCallException("clock_gettime", Marshal.GetLastPInvokeError(), "CLOCK_THREAD_CPUTIME_ID");
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }

    /// <summary>Keeps the calling thread on one processor.</summary>
    /// <param name="processor">From 0.</param>
    public static void PinThread(int processor)
    {
        Span<ulong> mask = stackalloc ulong[16];
        mask.Clear();
        mask[processor / 64] = 1UL << (processor % 64);
        KeepThreadOn(mask, $"processor {processor}");
    }

    /// <summary>Keeps the calling thread on some processors.</summary>
    /// <param name="mask">A bit for each processor, the lowest of the first word for processor 0; those that are not there do not matter as long as one is.</param>
    /// <param name="list">The processors in words, for the message.</param>
    public static void KeepThreadOn(ReadOnlySpan<ulong> mask, string list)
    {
        if (sched_setaffinity(0, mask.Length * sizeof(ulong), mask) != 0)
            throw new KernelCallException("sched_setaffinity", Marshal.GetLastPInvokeError(), list);
    }

    /// <summary>Gives the calling thread a nice value, other threads keep theirs (setpriority(2), "C library/kernel differences").</summary>
    /// <param name="nice">From -20 to 19; less than before needs CAP_SYS_NICE.</param>
    public static void SetThreadNice(int nice)
    {
        if (setpriority(PRIO_PROCESS, 0, nice) != 0) throw new KernelCallException("setpriority", Marshal.GetLastPInvokeError(), $"nice value {nice}");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int clock_gettime(int clock, out TimeSpec time);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_setaffinity(int thread, nint length, ReadOnlySpan<ulong> mask);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setpriority(int which, uint who, int nice);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
