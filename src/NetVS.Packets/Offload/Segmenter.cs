// Read first: RFC 9293 §3.1 and §3.8 (sequence numbers, PSH, FIN), RFC 3168 §6.1.2 (CWR once per window),
// RFC 6864 §4 (IPv4 identification), RFC 768; linux/virtio_net.h for what the sender promises.
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;

namespace NetVS.Packets;

/// <summary>Cuts an unsegmented TCP or UDP frame into the frames that go on the wire, one at a time (software GSO).</summary>
/// <remarks>
/// Every segment begins with a copy of the frame's headers (VLAN tags, IP options, extension headers and TCP options
/// included) and carries <see cref="PacketOffload.GsoSize"/> octets of payload, the last one the rest. What differs:
/// <list type="bullet">
/// <item>lengths of IP and UDP, and the IPv4 identification, which counts up;</item>
/// <item>TCP: the sequence number; FIN and PSH only on the last, CWR only on the first;</item>
/// <item>checksums: complete, whatever stood in the frame.</item>
/// </list>
/// A frame inside a tunnel is cut before it is encapsulated. Borrows the frame until the last segment is written; allocates nothing.
/// </remarks>
public ref struct Segmenter
{
    private readonly ReadOnlySpan<byte> _frame;
    private readonly int _headerLength;
    private readonly int _segmentSize;
    private PacketShape _shape;
    private int _index;

    private Segmenter(ReadOnlySpan<byte> frame, scoped in PacketShape shape, int headerLength, int segmentSize)
    {
        _frame = frame[..shape.FrameLength];
        _shape = shape;
        _headerLength = headerLength;
        _segmentSize = segmentSize;
    }

    /// <summary>Octets of all headers, Ethernet included: what each segment has before its payload.</summary>
    public readonly int HeaderLength => _headerLength;

    /// <summary>How many segments there are in all; at least 1.</summary>
    public readonly int Count => Math.Max(1, (PayloadLength + _segmentSize - 1) / _segmentSize);

    /// <summary>Octets of the longest segment's frame, Ethernet header included.</summary>
    public readonly int LongestFrame => _headerLength + Math.Min(_segmentSize, PayloadLength);

    private readonly int PayloadLength => _frame.Length - _headerLength;

    /// <summary>Looks whether a frame can be cut, and how.</summary>
    /// <param name="frame">The frame, Ethernet header included; borrowed.</param>
    /// <param name="offload">What the sender said about it.</param>
    /// <param name="segmenter">Stands before the first segment.</param>
    public static SegmenterError Create(ReadOnlySpan<byte> frame, in PacketOffload offload, out Segmenter segmenter)
    {
        segmenter = default;
        if (offload.Gso == GsoKind.None || offload.GsoSize == 0) return SegmenterError.NoSegmentSize;
        if (!PacketShape.TryParse(frame, out PacketShape shape) || shape.IsFragment) return SegmenterError.NotOfThatKind;
        bool isKind = offload.Gso switch
        {
            GsoKind.TcpV4 => shape.Family == IpFamily.V4 && shape.Protocol == IpProtocol.Tcp,
            GsoKind.TcpV6 => shape.Family == IpFamily.V6 && shape.Protocol == IpProtocol.Tcp,
            GsoKind.UdpL4 => shape.Protocol == IpProtocol.Udp,
            _ => false,
        };
        if (!isKind) return SegmenterError.NotOfThatKind;
        int l4Header = UdpHeader.Size;
        if (shape.Protocol == IpProtocol.Tcp)
        {
            if (shape.L4Length < TcpHeader.Size) return SegmenterError.TruncatedL4Header;
            l4Header = WireView.ReadAt<TcpHeader>(frame, shape.L4Offset).HeaderLength;
            if (l4Header < TcpHeader.Size) return SegmenterError.TruncatedL4Header;
        }

        if (shape.L4Length < l4Header) return SegmenterError.TruncatedL4Header;
        segmenter = new Segmenter(frame, in shape, shape.L4Offset + l4Header, offload.GsoSize);
        return SegmenterError.None;
    }

    /// <summary>Writes the next segment.</summary>
    /// <param name="buffer">At least <see cref="LongestFrame"/> octets; may not overlap the frame.</param>
    /// <param name="length">Octets written.</param>
    /// <returns>False when all segments have been written.</returns>
    public bool TryWriteNext(scoped Span<byte> buffer, out int length)
    {
        length = 0;
        int count = Count;
        if (_index >= count) return false;
        int offset = _index * _segmentSize;
        int payload = Math.Min(_segmentSize, PayloadLength - offset);
        length = _headerLength + payload;
        _frame[.._headerLength].CopyTo(buffer);
        _frame.Slice(_headerLength + offset, payload).CopyTo(buffer[_headerLength..]);
        Span<byte> segment = buffer[..length];
        WriteIp(segment);
        WriteL4(segment, offset, _index == 0, _index == count - 1);
        _index++;
        return true;
    }

    private readonly void WriteIp(scoped Span<byte> segment)
    {
        int ipLength = segment.Length - _shape.IpOffset;
        if (_shape.Family == IpFamily.V6)
        {
            WireView.At<Ipv6Header>(segment, _shape.IpOffset).PayloadLength.Host = (ushort)(ipLength - Ipv6Header.Size);
            return;
        }

        ref Ipv4Header header = ref WireView.At<Ipv4Header>(segment, _shape.IpOffset);
        header.TotalLength.Host = (ushort)ipLength;
        header.Identification.Host = unchecked((ushort)(_shape.FragmentId + (uint)_index));
        IpHeaderRewriting.WriteIpv4Checksum(segment[_shape.IpOffset..]);
    }

    private readonly void WriteL4(scoped Span<byte> segment, int offset, bool isFirst, bool isLast)
    {
        Span<byte> l4 = segment[_shape.L4Offset..];
        if (_shape.Protocol == IpProtocol.Udp)
        {
            WireView.At<UdpHeader>(l4, 0).Length.Host = (ushort)l4.Length;
        }
        else
        {
            ref TcpHeader header = ref WireView.At<TcpHeader>(l4, 0);
            header.Sequence.Host = unchecked(header.Sequence.Host + (uint)offset);
            if (!isFirst) header.Flags &= ~TcpFlags.Cwr;
            if (!isLast) header.Flags &= ~(TcpFlags.Fin | TcpFlags.Psh);
        }

        PacketShape shape = _shape;
        shape.L4Length = l4.Length;
        L4Checksum.WriteComplete(segment, in shape);
    }
}
