using NetVS.Director;

namespace NetVS.Daemon;

/// <summary>The runtime's random numbers; any thread.</summary>
internal sealed class SystemRandomSource : IRandomSource
{
    /// <inheritdoc/>
    public uint NextBelow(uint bound) => (uint)Random.Shared.NextInt64(bound);
}
