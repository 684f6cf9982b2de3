namespace NetVS.Sync;

/// <summary>Connection flags as they stand in messages (reference §1, connection flags).</summary>
public static class SyncFlags
{
    /// <summary>The forwarding method: 0 NAT, 1 local, 2 tunnel, 3 direct routing, 4 bypass.</summary>
    public const uint Method = 0x0007;

    /// <summary>The connection itself came from a message.</summary>
    public const uint Synced = 0x0020;

    /// <summary>Linked in the sender's table; never sent.</summary>
    public const uint Hashed = 0x0040;

    /// <summary>Replies do not pass the sender.</summary>
    public const uint NoOutput = 0x0080;

    /// <summary>Not counted in its real server's active connections.</summary>
    public const uint Inactive = 0x0100;

    /// <summary>TCP sequence numbers towards the client are adjusted.</summary>
    public const uint OutboundSequence = 0x0200;

    /// <summary>TCP sequence numbers towards the real server are adjusted.</summary>
    public const uint InboundSequence = 0x0400;

    /// <summary>The client's port is not known yet.</summary>
    public const uint NoClientPort = 0x0800;

    /// <summary>A persistence template.</summary>
    public const uint Template = 0x1000;

    /// <summary>An entry of a one-packet service; never to be sent.</summary>
    public const uint OnePacket = 0x2000;

    /// <summary>What a receiver takes over from a message.</summary>
    public const uint Accepted = 0x1F87;

    /// <summary>Either direction's sequence numbers are adjusted: the record has sequence data.</summary>
    public const uint Sequence = OutboundSequence | InboundSequence;
}
