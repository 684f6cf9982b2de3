// Reference §4.5 (todrop).

using NetVS.Director.Timing;

namespace NetVS.Director.Defence;

/// <summary>Which idle connections drop_entry ends: of those with n packets, 1 to 8, one in n; of livelier ones none.</summary>
/// <remarks>Thread: one owner.</remarks>
internal sealed class Thinning
{
    /// <summary>A connection whose timer was restarted later than so many ticks ago is kept: a minute.</summary>
    public const int LeastIdleTicks = 60 * (int)TimerTick.PerSecond;

    private const int MostPackets = 8;
    private const int Part = 32;
    private readonly int[] _counters = new int[MostPackets + 1];

    /// <summary>How many of so many places are looked at, chosen at random: a 32nd, and one at least.</summary>
    public static int LooksAt(int places) => (places + Part - 1) / Part;

    /// <summary>Whether it is this one's turn.</summary>
    /// <param name="packets">The packets it had from its client.</param>
    public bool IsNext(uint packets)
    {
        if (packets is 0 or > MostPackets) return false;
        ref int counter = ref _counters[packets];
        if (--counter > 0) return false;
        counter = (int)packets;
        return true;
    }
}
