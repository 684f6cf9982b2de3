namespace NetVS.Director.Connections;

/// <summary>What is true of a connection; values as IPVS's connection flags (reference §1), forwarding method left out.</summary>
[Flags]
internal enum ConnectionFlags : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Created from a sync message.</summary>
    Synced = 0x0020,

    /// <summary>In the table: set while the entry lives.</summary>
    Hashed = 0x0040,

    /// <summary>Replies are not seen by the director, as far as it knows; cleared by the first reply that is.</summary>
    NoOutput = 0x0080,

    /// <summary>Not counted in its destination's active connections.</summary>
    Inactive = 0x0100,

    /// <summary>TCP sequence numbers towards the client are being adjusted.</summary>
    OutboundSequence = 0x0200,

    /// <summary>TCP sequence numbers towards the real server are being adjusted.</summary>
    InboundSequence = 0x0400,

    /// <summary>The client's port is not known yet.</summary>
    NoClientPort = 0x0800,

    /// <summary>A persistence template.</summary>
    Template = 0x1000,

    /// <summary>A one-packet-scheduling entry.</summary>
    OnePacket = 0x2000,

    /// <summary>The generation of the client counts that it is counted in; 0 = in none. Not one of IPVS's.</summary>
    ClientGeneration = 0x00FF_0000,

    /// <summary>It has lines in the flow table. Not one of IPVS's.</summary>
    HasFlow = 0x0100_0000,

    /// <summary>It was worth lines and got none. Not one of IPVS's.</summary>
    FlowRefused = 0x0200_0000,

    /// <summary>Its template, if it has one, knows of the first reply (UDP). Not one of IPVS's.</summary>
    TemplateTold = 0x0400_0000,

    /// <summary>A helper reads and may change its text: it is a control connection. Not one of IPVS's.</summary>
    Helped = 0x0800_0000,

    /// <summary>Another director has told of it, and no packet of it (of a template: no connection by it) has been seen here since. Not one of IPVS's.</summary>
    Learned = 0x1000_0000,

    /// <summary>Its end has come, and its ends were asked for their sequence numbers. Not one of IPVS's.</summary>
    Probed = 0x2000_0000,

    /// <summary>They were asked a second time. Not one of IPVS's.</summary>
    ProbedAgain = 0x4000_0000,
}
