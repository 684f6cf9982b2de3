namespace NetVS.Sync;

/// <summary>What a record may carry behind its fixed part. The spans borrow the message.</summary>
public ref struct SyncExtras
{
    /// <summary>Whether the sequence numbers are adjusted.</summary>
    public bool HasSequence { get; set; }

    /// <summary>Towards the real server.</summary>
    public SyncSequence Inbound { get; set; }

    /// <summary>Towards the client.</summary>
    public SyncSequence Outbound { get; set; }

    /// <summary>The persistence engine's data, 1 to 255 octets; empty for none.</summary>
    public ReadOnlySpan<byte> EngineData { get; set; }

    /// <summary>The persistence engine's name, 1 to 16 octets; empty for none.</summary>
    public ReadOnlySpan<byte> EngineName { get; set; }
}
