namespace NetVS.Director.Forwarding;

/// <summary>Whose packet it is, as far as the rules tell from its destination.</summary>
internal enum PlainSide : byte
{
    /// <summary>Nobody has asked.</summary>
    Unknown,

    /// <summary>To a virtual address: a client's.</summary>
    Request,

    /// <summary>To a FULLNAT local address: a real server's.</summary>
    LocalReply,

    /// <summary>To any other address: a real server's, if it is the director's at all.</summary>
    Reply,
}
