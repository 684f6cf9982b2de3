namespace NetVS.Keepalived.Model;

/// <summary>When checks run and are repeated; null where the level above decides.</summary>
public sealed record CheckTimes
{
    /// <summary>Between checks (delay_loop).</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>For connecting and for each answer.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>Failures that do not count yet.</summary>
    public int? Retries { get; init; }

    /// <summary>Between those.</summary>
    public TimeSpan? RetryDelay { get; init; }

    /// <summary>The most by which the first check is delayed.</summary>
    public TimeSpan? Warmup { get; init; }
}
