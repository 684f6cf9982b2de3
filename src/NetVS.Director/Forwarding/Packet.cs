using NetVS.Packets;

namespace NetVS.Director.Forwarding;

/// <summary>One frame on its way through the director: the octets with room around them, and what is known of them.</summary>
/// <remarks>
/// Thread: the worker that received it. The buffer is borrowed from the link for the time of one call. The director rewrites
/// in place, moving <see cref="Offset"/> down into the headroom where a packet grows at its front.
/// </remarks>
public ref struct Packet
{
    /// <summary>Headroom, in octets, that every link provides: outer IPv6 (40), VLAN tag, options, rounded up.</summary>
    public const int Headroom = 128;

    /// <summary>As <see cref="ReceiveInterface"/>: the frame was about to leave the director's own stack (egress diversion).</summary>
    public const int FromStack = 0;

    /// <summary>The whole room of the frame: headroom, frame, tailroom.</summary>
    public Span<byte> Buffer;

    /// <summary>Where the frame (its Ethernet header) begins in <see cref="Buffer"/>.</summary>
    public int Offset;

    /// <summary>Octets of the frame, Ethernet header included, FCS not.</summary>
    public int Length;

    /// <summary>The index of the device the frame was received on (the one with the link, not a VLAN device above it), or <see cref="FromStack"/>.</summary>
    public int ReceiveInterface;

    /// <summary>What is unfinished about the frame; kept right through every rewrite.</summary>
    public PacketOffload Offload;

    /// <summary>The firewall mark the host's own packet filter gave the frame before it came here; 0 for none.</summary>
    public uint Mark;

    /// <summary>With Transmit and AwaitNeighbour: the index of the device to send on.</summary>
    public int TransmitInterface;

    /// <summary>With AwaitNeighbour: the next hop whose MAC is not known, an id of the <c>NextHopTable</c>.</summary>
    public int NextHop;

    /// <summary>With Drop: why. With Transmit: why an ICMP message was put in the packet's place; else None.</summary>
    public DropReason Reason;

    /// <summary>The frame's octets.</summary>
    public readonly Span<byte> Frame => Buffer.Slice(Offset, Length);
}
