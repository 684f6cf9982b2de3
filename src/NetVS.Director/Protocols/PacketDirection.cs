namespace NetVS.Director.Protocols;

/// <summary>The third of a state table that a packet moves a connection by; values as IPVS's direction codes (reference §1).</summary>
internal enum PacketDirection : byte
{
    /// <summary>From the client, replies being seen too.</summary>
    Input = 0,

    /// <summary>From the real server.</summary>
    Output = 1,

    /// <summary>From the client, while replies go past the director (DR, TUN).</summary>
    InputOnly = 2,
}
