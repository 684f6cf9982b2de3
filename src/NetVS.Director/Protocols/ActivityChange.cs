namespace NetVS.Director.Protocols;

/// <summary>What a packet changed about its connection's being counted active (reference §5.3).</summary>
internal enum ActivityChange : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It is active from now on; the destination is to be told.</summary>
    BecameActive,

    /// <summary>It is inactive from now on; the destination is to be told.</summary>
    BecameInactive,
}
