namespace NetVS.Links;

/// <summary>Which kind of link is asked for.</summary>
public enum LinkChoice
{
    /// <summary>AF_XDP where an XDP program attaches, else AF_PACKET.</summary>
    Auto,

    /// <summary>AF_XDP or nothing.</summary>
    AfXdp,

    /// <summary>AF_PACKET.</summary>
    AfPacket,
}
