using NetVS.Director;

namespace NetVS.Control.Replay;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed, on every machine.</summary>
internal sealed class SeededRandomSource(ulong seed) : IRandomSource
{
    private ulong _state = seed;

    /// <inheritdoc/>
    public uint NextBelow(uint bound) => unchecked((uint)(((Next() >> 32) * bound) >> 32));

    private ulong Next()
    {
        unchecked
        {
            ulong z = _state += 0x9E37_79B9_7F4A_7C15;
            z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
            z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
            return z ^ (z >> 31);
        }
    }
}
