using System.Diagnostics;

namespace NetVS.Director.FullNat;

/// <summary>Which local ports a worker may give out at all: those of the configured range that belong to its partition.</summary>
/// <remarks>
/// With several workers the port number modulo their number is the owner, so that a reply finds its worker without a look-up.
/// Immutable; another one takes its place when the settings change.
/// </remarks>
internal sealed class LocalPortRange
{
    /// <summary>Words of 64 ports.</summary>
    public const int Words = 65536 / 64;

    private readonly ulong[] _blocked = new ulong[Words];

    /// <summary>The ports from <paramref name="minimum"/> to <paramref name="maximum"/>, both included, of one worker.</summary>
    public LocalPortRange(int minimum, int maximum, int worker, int workers)
    {
        Debug.Assert(worker < workers, "a worker is one of the workers");
        Minimum = minimum;
        Maximum = maximum;
        Array.Fill(_blocked, ulong.MaxValue);
        for (int port = Math.Max(minimum, 1); port <= Math.Min(maximum, ushort.MaxValue); port++)
        {
            if (port % workers != worker) continue;
            _blocked[port / 64] &= ~(1UL << (port & 63));
            Count++;
        }
    }

    /// <summary>The lowest port of the range, of any worker.</summary>
    public int Minimum { get; }

    /// <summary>The highest port of the range, of any worker.</summary>
    public int Maximum { get; }

    /// <summary>How many ports this worker has.</summary>
    public int Count { get; }

    /// <summary>A bit for each of 64 ports: set when the port must not be given out.</summary>
    public ulong Blocked(int word) => _blocked[word];
}
