namespace NetVS.Packets;

/// <summary>What the sender left to the hardware: an unfinished checksum, an unsegmented frame.</summary>
/// <remarks>
/// The fields mean what those of <c>struct virtio_net_hdr</c> mean (linux/virtio_net.h); offsets count from the first
/// octet of the Ethernet header. <c>default</c> is a finished, ordinary frame.
/// </remarks>
public struct PacketOffload
{
    /// <summary>Whether the L4 checksum field holds only the pseudo-header's sum and must be completed.</summary>
    public bool NeedsChecksum;

    /// <summary>How the frame is to be cut into segments; None for an ordinary frame.</summary>
    public GsoKind Gso;

    /// <summary>L4 payload octets per segment (the MSS in use) when <see cref="Gso"/> is not None.</summary>
    public ushort GsoSize;

    /// <summary>Octets of all headers up to the L4 payload, Ethernet included; a hint.</summary>
    public ushort HeaderLength;

    /// <summary>Where checksumming begins: the first octet of the L4 header.</summary>
    public ushort ChecksumStart;

    /// <summary>Where the checksum is stored, counted from <see cref="ChecksumStart"/>.</summary>
    public ushort ChecksumOffset;
}
