using System.Runtime.InteropServices;
using NetVS.Packets;

namespace NetVS.Links;

/// <summary>What the kernel says beside a frame, and is told beside one: <c>struct virtio_net_hdr</c>, linux/virtio_net.h.</summary>
/// <remarks>Byte order: the host's, as AF_PACKET and tap use it without a mode of their own.</remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct VirtioNetHeader
{
    /// <summary>Octets.</summary>
    public const int Size = 10;

    /// <summary>VIRTIO_NET_HDR_F_NEEDS_CSUM.</summary>
    public const byte NeedsChecksum = 1;

    /// <summary>VIRTIO_NET_HDR_GSO_ECN, or-ed to the kind.</summary>
    public const byte GsoEcn = 0x80;

    /// <summary>flags.</summary>
    public byte Flags;

    /// <summary>gso_type.</summary>
    public byte GsoType;

    /// <summary>hdr_len.</summary>
    public ushort HeaderLength;

    /// <summary>gso_size.</summary>
    public ushort GsoSize;

    /// <summary>csum_start.</summary>
    public ushort ChecksumStart;

    /// <summary>csum_offset.</summary>
    public ushort ChecksumOffset;

    /// <summary>Puts what is known of a frame into the kernel's words.</summary>
    public static VirtioNetHeader From(in PacketOffload offload) => new()
    {
        Flags = offload.NeedsChecksum ? NeedsChecksum : (byte)0,
        GsoType = (byte)offload.Gso,
        HeaderLength = offload.HeaderLength,
        GsoSize = offload.Gso == GsoKind.None ? (ushort)0 : offload.GsoSize,
        ChecksumStart = offload.NeedsChecksum ? offload.ChecksumStart : (ushort)0,
        ChecksumOffset = offload.NeedsChecksum ? offload.ChecksumOffset : (ushort)0,
    };

    /// <summary>Takes the kernel's words over.</summary>
    /// <param name="shift">Octets by which the frame's headers have moved since: 4 where a VLAN tag was put back.</param>
    /// <param name="offload">What they mean.</param>
    /// <returns>False for a kind of segmentation that is not known here.</returns>
    public readonly bool TryRead(int shift, out PacketOffload offload)
    {
        offload = default;
        if ((Flags & NeedsChecksum) != 0)
        {
            offload.NeedsChecksum = true;
            offload.ChecksumStart = unchecked((ushort)(ChecksumStart + shift));
            offload.ChecksumOffset = ChecksumOffset;
        }

        // A sender that marks congestion needs nothing special: segmentation clears CWR from the second segment on anyway.
        int kind = GsoType & ~GsoEcn;
        if (kind == (int)GsoKind.None) return true;
        if (kind is not ((int)GsoKind.TcpV4 or (int)GsoKind.TcpV6 or (int)GsoKind.UdpL4)) return false;
        offload.Gso = (GsoKind)kind;
        offload.GsoSize = GsoSize;
        offload.HeaderLength = unchecked((ushort)(HeaderLength + shift));
        return true;
    }
}
