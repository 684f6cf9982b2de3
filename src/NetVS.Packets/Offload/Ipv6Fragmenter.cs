// Read first: RFC 8200 §4.5 (fragment header), §5 (only the source cuts).
using NetVS.Packets.Headers;

namespace NetVS.Packets;

/// <summary>Cuts an IPv6 packet of the host's own into fragments that fit an IP MTU, one at a time.</summary>
/// <remarks>
/// For packets without extension headers, as tunnels make them: what is repeated in each fragment is the IPv6 header alone. Routers must not cut,
/// so this is for the packet's source. Borrows the frame until the last fragment is written; allocates nothing.
/// </remarks>
public ref struct Ipv6Fragmenter : IFragmenter
{
    private readonly ReadOnlySpan<byte> _frame;
    private readonly int _ipOffset;
    private readonly int _ipMtu;
    private readonly uint _identification;
    private int _position;

    private Ipv6Fragmenter(ReadOnlySpan<byte> frame, scoped in PacketShape shape, int ipMtu, uint identification)
    {
        _frame = frame[..shape.FrameLength];
        _ipOffset = shape.IpOffset;
        _ipMtu = ipMtu;
        _identification = identification;
    }

    /// <summary>Looks whether a frame can be cut. A packet that fits becomes one frame: itself, without a fragment header.</summary>
    /// <param name="frame">The frame, Ethernet header included; borrowed.</param>
    /// <param name="ipMtu">Octets of the largest IP packet, header included.</param>
    /// <param name="identification">The same in all fragments, and in no other packet between these addresses for as long as these may be on their way.</param>
    /// <param name="fragmenter">Stands before the first fragment.</param>
    public static FragmenterError Create(ReadOnlySpan<byte> frame, int ipMtu, uint identification, out Ipv6Fragmenter fragmenter)
    {
        fragmenter = default;
        if (!PacketShape.TryParse(frame, out PacketShape shape) || shape.Family != IpFamily.V6 || shape.IpHeaderLength != Ipv6Header.Size)
            return FragmenterError.NotPlainIpv6;
        if (shape.IpLength > ipMtu && ipMtu < Ipv6Header.Size + Ipv6FragmentHeader.Size + 8) return FragmenterError.MtuTooSmall;
        fragmenter = new Ipv6Fragmenter(frame, in shape, ipMtu, identification);
        return FragmenterError.None;
    }

    /// <inheritdoc/>
    public bool TryWriteNext(scoped Span<byte> buffer, out int length)
    {
        length = 0;
        ReadOnlySpan<byte> data = _frame[(_ipOffset + Ipv6Header.Size)..];
        if (_position > data.Length || (_position == data.Length && _position > 0)) return false;
        int l4 = _ipOffset + Ipv6Header.Size;
        if (_position == 0 && Ipv6Header.Size + data.Length <= _ipMtu)
        {
            _frame.CopyTo(buffer);
            length = _frame.Length;
            _position = data.Length + 1;
            return true;
        }

        int room = _ipMtu - Ipv6Header.Size - Ipv6FragmentHeader.Size, take = data.Length - _position;
        bool isLast = take <= room;
        if (!isLast) take = room & ~7;
        _frame[..l4].CopyTo(buffer);
        ref Ipv6Header header = ref WireView.At<Ipv6Header>(buffer, _ipOffset);
        ref Ipv6FragmentHeader fragment = ref WireView.At<Ipv6FragmentHeader>(buffer, l4);
        fragment.NextHeader = header.NextHeader;
        fragment.Reserved = 0;
        fragment.OffsetAndFlags.Host = (ushort)(_position | (isLast ? 0 : 1));
        fragment.Identification.Host = _identification;
        header.NextHeader = IpProtocol.Fragment;
        header.PayloadLength.Host = (ushort)(Ipv6FragmentHeader.Size + take);
        data.Slice(_position, take).CopyTo(buffer[(l4 + Ipv6FragmentHeader.Size)..]);
        length = l4 + Ipv6FragmentHeader.Size + take;
        _position += take;
        return true;
    }
}
