using NetVS.Packets;

namespace NetVS.Failover.Running;

/// <summary>What the service is told once.</summary>
public sealed record FailoverOptions
{
    /// <summary>The clock, which never goes back.</summary>
    public required Func<MonotonicTime> Clock { get; init; }

    /// <summary>Takes lines for the log. Any thread.</summary>
    public Action<string> Log { get; init; } = static _ => { };
}
