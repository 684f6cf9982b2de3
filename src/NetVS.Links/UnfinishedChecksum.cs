using System.Buffers.Binary;
using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;

namespace NetVS.Links;

/// <summary>Finds checksums that a sender on this machine left to hardware that is not there.</summary>
/// <remarks>
/// A stack that sends over a virtual device (veth) leaves in the checksum field only the folded sum of the pseudo-header
/// (linux/skbuff.h, CHECKSUM_PARTIAL). AF_PACKET says so beside the frame, AF_XDP cannot. But a field that equals that very sum and does not
/// verify can be nothing else: the sum of a finished segment comes out like this once in 65536 and then verifies, or the
/// segment is broken and is no worse for being called unfinished once more in 65536 times.
/// </remarks>
public static class UnfinishedChecksum
{
    /// <summary>Whether a frame's TCP or UDP checksum is unfinished, and how to say so.</summary>
    /// <param name="frame">The frame, Ethernet header included.</param>
    /// <param name="offload">What is unfinished; <c>default</c> when nothing is.</param>
    public static bool TryDetect(ReadOnlySpan<byte> frame, out PacketOffload offload)
    {
        offload = default;
        if (!PacketShape.TryParse(frame, out PacketShape shape) || shape.IsFragment) return false;
        if (shape.Protocol is not (IpProtocol.Tcp or IpProtocol.Udp)) return false;
        int field = L4Checksum.OffsetOf(shape.Protocol);
        if (shape.L4Length < field + 2) return false;
        ushort found = BinaryPrimitives.ReadUInt16BigEndian(frame[(shape.L4Offset + field)..]);
        if (found != L4Checksum.PseudoHeaderSum(frame, in shape) || L4Checksum.Verify(frame, in shape)) return false;
        offload = new PacketOffload
        {
            NeedsChecksum = true,
            ChecksumStart = (ushort)shape.L4Offset,
            ChecksumOffset = (ushort)field,
        };
        return true;
    }
}
