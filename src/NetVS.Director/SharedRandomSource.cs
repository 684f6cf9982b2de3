namespace NetVS.Director;

/// <summary>Lets several threads draw from one source. For new connections and rarer things.</summary>
internal sealed class SharedRandomSource(IRandomSource source) : IRandomSource
{
    private readonly Lock _lock = new();

    /// <inheritdoc/>
    public uint NextBelow(uint bound)
    {
        lock (_lock) return source.NextBelow(bound);
    }
}
