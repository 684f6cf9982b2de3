using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <summary>Keeps a frame's <see cref="PacketOffload"/> true while the frame changes.</summary>
internal static class OffloadShape
{
    /// <summary>Everything behind the Ethernet header moved by a number of octets.</summary>
    public static void Move(ref PacketOffload offload, int octets)
    {
        if (offload.Gso != GsoKind.None) offload.HeaderLength = (ushort)(offload.HeaderLength + octets);
        if (offload.NeedsChecksum) offload.ChecksumStart = (ushort)(offload.ChecksumStart + octets);
    }

    /// <summary>Octets of the IP packet that the largest segment of an unsegmented frame becomes.</summary>
    public static int SegmentIpLength(ReadOnlySpan<byte> frame, in PacketShape shape, int gsoSize)
    {
        int headers = shape.L4Offset - shape.IpOffset + L4HeaderLength(frame, in shape);
        return Math.Min(shape.IpLength, headers + gsoSize);
    }

    private static int L4HeaderLength(ReadOnlySpan<byte> frame, in PacketShape shape) => shape.Protocol == IpProtocol.Tcp
        ? WireView.ReadAt<TcpHeader>(frame, shape.L4Offset).HeaderLength
        : UdpHeader.Size;
}
