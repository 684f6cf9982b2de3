using System.Runtime.CompilerServices;

namespace NetVS.Director.Measurement;

/// <summary>Measures something in many short pieces and keeps the time that a quarter of them stayed below.</summary>
/// <remarks>
/// Everything that disturbs a measurement makes it longer, so the low quartile is nearer the truth than the mean; and it is no lucky
/// minimum. The clock is handed in: the director reads none.
/// </remarks>
internal sealed class Meter(Func<long> nanoseconds)
{
    /// <summary>Operations in a piece: long against the clock, short against a time slice.</summary>
    public const int PieceLength = 4096;

    // The runtime compiles in the background what turned out to be hot, a tenth of a second after it settled.
    private const long WarmUpTime = 400_000_000;
    private const int WarmUpRounds = 4;
    private const int Rounds = 5;

    /// <summary>Measures what does <see cref="PieceLength"/> operations each time it is called.</summary>
    /// <param name="pieces">How many pieces a round has; with several, each works on other memory.</param>
    /// <param name="piece">Is told which piece, from 0 on.</param>
    /// <param name="between">What must happen after each round and is not measured.</param>
    public (double Nanoseconds, long AllocatedOctets) Measure(int pieces, Action<int> piece, Action? between = null)
    {
        long warmUntil = nanoseconds() + WarmUpTime;
        for (int i = 0; i < WarmUpRounds || nanoseconds() < warmUntil; i++)
        {
            for (int p = 0; p < pieces; p++) piece(p);
            between?.Invoke();
        }

        var times = new long[Rounds * pieces];
        long leastAllocated = long.MaxValue;
        for (int i = 0; i < Rounds; i++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            for (int p = 0; p < pieces; p++)
            {
                long start = nanoseconds();
                piece(p);
                times[(i * pieces) + p] = nanoseconds() - start;
            }

            leastAllocated = Math.Min(leastAllocated, GC.GetAllocatedBytesForCurrentThread() - allocated);
            between?.Invoke();
        }

        Array.Sort(times);
        return ((double)times[times.Length / 4] / PieceLength, leastAllocated);
    }

    /// <summary>The baseline: copying 64-octet packets from random places among <paramref name="count"/>.</summary>
    public double MeasureCopy(int count)
    {
        byte[] packets = GC.AllocateUninitializedArray<byte>(64 * count, pinned: true);
        Array.Fill(packets, (byte)0xA5);
        int[] order = RandomOrder.Of(count);
        var target = new byte[64];
        return Measure(order.Length / PieceLength, p => CopyAll(packets, order.AsSpan(p * PieceLength, PieceLength), target)).Nanoseconds;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CopyAll(byte[] packets, ReadOnlySpan<int> order, byte[] target)
    {
        foreach (int index in order) packets.AsSpan(64 * index, 64).CopyTo(target);
    }
}
