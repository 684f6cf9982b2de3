namespace NetVS.Director.FullNat;

/// <summary>What is known of a connection's sequence numbers (<c>Connection.FullNatState</c>): of FULLNAT's all but <see cref="HasClientNumber"/>, of others' the last two.</summary>
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

    /// <summary>Not FULLNAT: <c>SequenceDelta</c> holds the number of the client's last segment, which an ICMP error about a request is compared with.</summary>
    HasClientNumber = 8,

    /// <summary><c>RealIsn</c> holds a number of the real server's last segment, or the last that was acknowledged, which an ICMP error about a reply is compared with.</summary>
    HasServerNumber = 16,
}
