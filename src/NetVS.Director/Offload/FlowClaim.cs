namespace NetVS.Director.Offload;

/// <summary>What became of asking for a line.</summary>
internal enum FlowClaim : byte
{
    /// <summary>The caller has one and must publish or abandon it.</summary>
    Taken = 0,

    /// <summary>Both buckets are full.</summary>
    Full,

    /// <summary>There is a line for the same packets already.</summary>
    Exists,
}
