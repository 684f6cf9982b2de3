namespace NetVS.Director;

/// <summary>Randomness as an input, so that a run can be repeated.</summary>
public interface IRandomSource
{
    /// <summary>A uniformly distributed number below <paramref name="bound"/> (1 or more).</summary>
    uint NextBelow(uint bound);
}
