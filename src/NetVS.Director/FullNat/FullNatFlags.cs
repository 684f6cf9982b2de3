namespace NetVS.Director.FullNat;

/// <summary>What is known of a FULLNAT connection's sequence numbers (<c>Connection.FullNatState</c>).</summary>
[Flags]
internal enum FullNatFlags : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><c>SequenceDelta</c> holds the director's initial sequence number less the client's.</summary>
    HasSequenceDelta = 1,

    /// <summary><c>RealIsn</c> holds the real server's initial sequence number.</summary>
    HasRealIsn = 2,

    /// <summary>The client has acknowledged data of the real server: no further segment carries the client's address.</summary>
    HasAcknowledged = 4,
}
