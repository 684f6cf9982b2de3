namespace NetVS.Sync.Peers;

/// <summary>What a frame of the peer channel is; others are skipped by their length.</summary>
public enum PeerFrameKind : byte
{
    /// <summary>Each side's first frame: the format's version and who it is.</summary>
    Hello = 1,

    /// <summary>The dialler asks for a full transfer; live changes follow it.</summary>
    Request = 2,

    /// <summary>A full transfer begins, of about so many records.</summary>
    Begin = 3,

    /// <summary>A connection, a template or an announced connection.</summary>
    Record = 4,

    /// <summary>The full transfer is complete, of so many records.</summary>
    End = 5,

    /// <summary>Nothing else was to be said for a second.</summary>
    Alive = 6,
}
