namespace NetVS.Keepalived.Model;

/// <summary>What holds for IPVS as a whole.</summary>
public sealed record LvsDefaults
{
    /// <summary>Seconds; 0 leaves it.</summary>
    public uint TcpTimeout { get; init; }

    /// <summary>Seconds; 0 leaves it.</summary>
    public uint TcpFinTimeout { get; init; }

    /// <summary>Seconds; 0 leaves it.</summary>
    public uint UdpTimeout { get; init; }

    /// <summary>Connection synchronisation, if configured.</summary>
    public SyncDaemon? SyncDaemon { get; init; }

    /// <summary>All rules are removed at start.</summary>
    public bool FlushesAtStart { get; init; }

    /// <summary>All rules are removed on stop, also foreign ones.</summary>
    public bool FlushesOnStop { get; init; }

    /// <summary>Services are deleted on stop without deleting each server first.</summary>
    public bool DeletesServicesOnStop { get; init; }

    /// <summary>Failures that are retried are logged too.</summary>
    public bool LogsAllFailures { get; init; }

    /// <summary>Real servers that are up at start are notified.</summary>
    public bool NotifiesAtStart { get; init; }
}
