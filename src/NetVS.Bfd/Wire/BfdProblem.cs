namespace NetVS.Bfd.Wire;

/// <summary>Why a packet is not taken (RFC 5880 §6.8.6, in that order, then what the host knows of its way).</summary>
public enum BfdProblem : byte
{
    /// <summary>It is taken.</summary>
    None,

    /// <summary>Shorter than the header.</summary>
    TooShort,

    /// <summary>Not version 1.</summary>
    Version,

    /// <summary>The length field is less than the header's, or more than there is.</summary>
    Length,

    /// <summary>A detection multiplier of 0.</summary>
    Multiplier,

    /// <summary>The multipoint bit.</summary>
    Multipoint,

    /// <summary>The sender's discriminator is 0.</summary>
    Discriminator,

    /// <summary>It names no session, and its state is one in which it must.</summary>
    NoSessionNamed,

    /// <summary>It is authenticated, and no session here is.</summary>
    Authenticated,

    /// <summary>Poll and Final at once.</summary>
    PollAndFinal,

    /// <summary>It names a session that is not here, or comes from an address that none expects.</summary>
    UnknownSession,

    /// <summary>It names a session, and comes from another address than that one's neighbour.</summary>
    Source,

    /// <summary>It came over more routers than max_hops allows.</summary>
    Hops,
}
