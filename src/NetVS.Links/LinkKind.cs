namespace NetVS.Links;

/// <summary>How frames move between the wire and the director.</summary>
public enum LinkKind
{
    /// <summary>AF_XDP sockets, one per queue, behind an XDP program.</summary>
    AfXdp,

    /// <summary>An AF_PACKET socket with an mmap ring, behind a tc program.</summary>
    AfPacket,

    /// <summary>An AF_PACKET socket that only sends, on an interface the director does not listen on.</summary>
    TransmitOnly,

    /// <summary>The tap device to and from the director's own network stack.</summary>
    Tap,
}
