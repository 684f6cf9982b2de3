using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <summary>Keeps a frame's <see cref="PacketOffload"/> true while the frame changes.</summary>
internal static class OffloadShape
{
    /// <summary>Everything behind the Ethernet header moved by a number of octets. A link may have said nonsense: what would lie outside of any frame stays at its edge.</summary>
    public static void Move(ref PacketOffload offload, int octets)
    {
        if (offload.Gso != GsoKind.None) offload.HeaderLength = Moved(offload.HeaderLength, octets);
        if (offload.NeedsChecksum) offload.ChecksumStart = Moved(offload.ChecksumStart, octets);
    }

    /// <summary>Octets of the IP packet that the largest segment of an unsegmented frame becomes.</summary>
    public static int SegmentIpLength(ReadOnlySpan<byte> frame, in PacketShape shape, int gsoSize)
    {
        int headers = shape.L4Offset - shape.IpOffset + L4HeaderLength(frame, in shape);
        return Math.Min(shape.IpLength, headers + gsoSize);
    }

    private static ushort Moved(ushort place, int octets) => (ushort)Math.Clamp(place + octets, 0, ushort.MaxValue);

    private static int L4HeaderLength(ReadOnlySpan<byte> frame, in PacketShape shape) => shape.Protocol == IpProtocol.Tcp
        ? WireView.ReadAt<TcpHeader>(frame, shape.L4Offset).HeaderLength
        : UdpHeader.Size;
}
