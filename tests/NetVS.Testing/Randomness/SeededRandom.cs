using NetVS.Director;

namespace NetVS.Testing.Randomness;

/// <summary>A random source that repeats itself for a seed.</summary>
public sealed class SeededRandom(int seed) : IRandomSource
{
    private readonly Random _random = new(seed);

    /// <inheritdoc/>
    public uint NextBelow(uint bound) => (uint)_random.NextInt64(bound);
}
