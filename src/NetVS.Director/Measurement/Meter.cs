using System.Runtime.CompilerServices;

namespace NetVS.Director.Measurement;

/// <summary>Runs something several times and keeps the best time and the least allocation.</summary>
/// <remarks>
/// The best, because everything that disturbs a measurement makes it longer. The clock is handed in: the director reads none.
/// </remarks>
internal sealed class Meter(Func<long> nanoseconds)
{
    private const int WarmUpRounds = 3;
    private const int Rounds = 5;

    /// <summary>Measures what does so many operations each time it is called.</summary>
    /// <param name="operations">Operations in a round.</param>
    /// <param name="round">What is measured.</param>
    /// <param name="between">What must happen after each round and is not measured.</param>
    public (double Nanoseconds, long AllocatedOctets) Measure(int operations, Action round, Action? between = null)
    {
        // Several times for the runtime to notice that it is worth compiling well.
        for (int i = 0; i < WarmUpRounds; i++)
        {
            round();
            between?.Invoke();
        }

        long best = long.MaxValue, leastAllocated = long.MaxValue;
        for (int i = 0; i < Rounds; i++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long start = nanoseconds();
            round();
            best = Math.Min(best, nanoseconds() - start);
            leastAllocated = Math.Min(leastAllocated, GC.GetAllocatedBytesForCurrentThread() - allocated);
            between?.Invoke();
        }

        return ((double)best / operations, leastAllocated);
    }

    /// <summary>The baseline: copying 64-octet packets from random places among <paramref name="count"/>.</summary>
    public double MeasureCopy(int count)
    {
        byte[] packets = GC.AllocateUninitializedArray<byte>(64 * count, pinned: true);
        Array.Fill(packets, (byte)0xA5);
        int[] order = RandomOrder.Of(count, Math.Max(count, RandomOrder.LeastLength));
        var target = new byte[64];
        return Measure(order.Length, () => CopyAll(packets, order, target)).Nanoseconds;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void CopyAll(byte[] packets, int[] order, byte[] target)
    {
        foreach (int index in order) packets.AsSpan(64 * index, 64).CopyTo(target);
    }
}
