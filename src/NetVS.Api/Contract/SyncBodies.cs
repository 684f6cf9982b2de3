namespace NetVS.Api.Contract;

/// <summary>A synchronisation daemon. What is left out or 0 when one is started gets the usual value; reports are complete.</summary>
internal sealed record SyncDaemonBody
{
    public required string Role { get; init; }

    public required string Interface { get; init; }

    public int SyncId { get; set; }

    public string? Group { get; set; }

    public int Port { get; set; }

    public int Ttl { get; set; }

    public int MaxLength { get; set; }
}

/// <summary>The synchronisation daemons that run, master first.</summary>
internal sealed record SyncDaemonList(SyncDaemonBody[] Daemons);

/// <summary>Synchronisation in the status: what runs, and what was counted. Peers is null without the peer channel.</summary>
internal sealed record SyncReport(SyncDaemonBody[] Daemons, SortedDictionary<string, long> Counters, PeersReport? Peers);

/// <summary>The peer channel. Listening is null where nobody is told.</summary>
internal sealed record PeersReport(string? Listening, string? LastRefusal, PeerReport[] Channels);

/// <summary>One peer channel: direction heard or told; state connecting, transferring or following.</summary>
internal sealed record PeerReport(
    string Direction, string Peer, string State, long Transferred, long Expected, long Changes, int Transfers, string? LastTransfer,
    double LastTransferSeconds, string? LastError);
