using NetVS.Director;

namespace NetVS.Control.Rules;

/// <summary>Always zero: for a director that never schedules.</summary>
internal sealed class FixedRandomSource : IRandomSource
{
    /// <inheritdoc/>
    public uint NextBelow(uint bound) => 0;
}
