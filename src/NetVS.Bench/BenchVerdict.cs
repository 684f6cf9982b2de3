namespace NetVS.Bench;

/// <summary>What became of a target.</summary>
/// <param name="Target">The target.</param>
/// <param name="Value">What was measured: a ratio, or a value in the metric's unit.</param>
internal sealed record BenchVerdict(BenchTarget Target, double Value)
{
    /// <summary>Whether it was reached.</summary>
    public bool IsMet => Target.IsAtLeast ? Value >= Target.Limit : Value <= Target.Limit;
}
