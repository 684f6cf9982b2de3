namespace NetVS.Control;

/// <summary>What a <see cref="DirectorControl"/> is told once.</summary>
public sealed record DirectorControlOptions
{
    /// <summary>The rules file or keepalived.conf a reload reads, or null.</summary>
    public string? RulesFile { get; init; }

    /// <summary>The size of the connection table that listings show, as IPVS's number of buckets.</summary>
    public int ConnectionTableSize { get; init; } = 4096;

    /// <summary>The most connections there can be, both families together.</summary>
    public long MaxConnections { get; init; }

    /// <summary>The synchronisation daemons; null where there cannot be any.</summary>
    public Synchronisation.SyncDaemons? Sync { get; init; }

    /// <summary>The peer channel; null where there is none.</summary>
    public Peers.PeerService? Peers { get; init; }

    /// <summary>Is called after rules, timeouts or settings have changed.</summary>
    public Action Changed { get; init; } = static () => { };

    /// <summary>Takes a line for the log whenever something was changed or refused.</summary>
    public Action<string> Report { get; init; } = static _ => { };
}
