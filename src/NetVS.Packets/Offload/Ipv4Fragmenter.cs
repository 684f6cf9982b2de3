// Read first: RFC 791 §3.2 "An Example Fragmentation Procedure" and §3.1 on options ("copied flag"); RFC 1812 §4.2.2.7.
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;

namespace NetVS.Packets;

/// <summary>Cuts an IPv4 packet without DF into fragments that fit an IP MTU, one at a time.</summary>
/// <remarks>
/// The first fragment has the whole header; the others only the options whose copied flag is set. A fragment is cut
/// further in the same way: its offset is the base, and the last piece keeps its "more fragments". Checksums of L4 must be complete
/// beforehand, because no fragment could finish them. Borrows the frame until the last fragment is written; allocates nothing.
/// </remarks>
public ref struct Ipv4Fragmenter : IFragmenter
{
    private const byte EndOfOptions = 0, NoOperation = 1, CopiedFlag = 0x80;

    private readonly ReadOnlySpan<byte> _frame;
    private readonly int _ipOffset;
    private readonly int _headerLength;
    private readonly int _ipMtu;
    private readonly int _laterHeaderLength;
    private int _position;

    private Ipv4Fragmenter(ReadOnlySpan<byte> frame, scoped in PacketShape shape, int ipMtu)
    {
        _frame = frame[..shape.FrameLength];
        _ipOffset = shape.IpOffset;
        _headerLength = shape.IpHeaderLength;
        _ipMtu = ipMtu;
        Span<byte> options = stackalloc byte[Ipv4Header.MaxSize];
        _laterHeaderLength = Ipv4Header.Size + CopyOptions(options);
    }

    /// <summary>Looks whether a frame can be cut. A packet that fits becomes one fragment: itself.</summary>
    /// <param name="frame">The frame, Ethernet header included; borrowed.</param>
    /// <param name="ipMtu">Octets of the largest IP packet, header included.</param>
    /// <param name="fragmenter">Stands before the first fragment.</param>
    public static FragmenterError Create(ReadOnlySpan<byte> frame, int ipMtu, out Ipv4Fragmenter fragmenter)
    {
        fragmenter = default;
        if (!PacketShape.TryParse(frame, out PacketShape shape) || shape.Family != IpFamily.V4) return FragmenterError.NotIpv4;
        if (shape.IpLength > ipMtu)
        {
            if (WireView.ReadAt<Ipv4Header>(frame, shape.IpOffset).DontFragment) return FragmenterError.DontFragment;
            if (shape.IpHeaderLength + 8 > ipMtu) return FragmenterError.MtuTooSmall;
        }

        fragmenter = new Ipv4Fragmenter(frame, in shape, ipMtu);
        return FragmenterError.None;
    }

    /// <summary>Writes the next fragment as a frame with the packet's own Ethernet header.</summary>
    /// <param name="buffer">At least as many octets as the frame has, or as the IP MTU allows; may not overlap the frame.</param>
    /// <param name="length">Octets written.</param>
    /// <returns>False when all fragments have been written.</returns>
    public bool TryWriteNext(scoped Span<byte> buffer, out int length)
    {
        length = 0;
        ReadOnlySpan<byte> data = _frame[(_ipOffset + _headerLength)..];
        if (_position > data.Length || (_position == data.Length && _position > 0)) return false;
        bool isFirst = _position == 0;
        int headerLength = isFirst ? _headerLength : _laterHeaderLength;
        int take = data.Length - _position;
        bool isLast = headerLength + take <= _ipMtu;
        if (!isLast) take = (_ipMtu - headerLength) & ~7;

        length = _ipOffset + headerLength + take;
        WriteHeader(buffer, isFirst, headerLength, take, isLast);
        data.Slice(_position, take).CopyTo(buffer[(_ipOffset + headerLength)..]);
        _position += Math.Max(take, 1);
        return true;
    }

    private readonly void WriteHeader(scoped Span<byte> buffer, bool isFirst, int headerLength, int take, bool isLast)
    {
        _frame[..(_ipOffset + Ipv4Header.Size)].CopyTo(buffer);
        Span<byte> options = buffer[(_ipOffset + Ipv4Header.Size)..];
        if (isFirst) _frame.Slice(_ipOffset + Ipv4Header.Size, _headerLength - Ipv4Header.Size).CopyTo(options);
        else CopyOptions(options);

        ref Ipv4Header header = ref WireView.At<Ipv4Header>(buffer, _ipOffset);
        int offset = header.FragmentOffset + _position;
        int flags = (header.FlagsAndOffset.Host & ~Ipv4Header.OffsetMask) | (offset / 8);
        if (!isLast) flags |= Ipv4Header.MoreFragmentsFlag;
        header.SetHeaderLength(headerLength);
        header.TotalLength.Host = (ushort)(headerLength + take);
        header.FlagsAndOffset.Host = (ushort)flags;
        IpHeaderRewriting.WriteIpv4Checksum(buffer[_ipOffset..]);
    }

    // RFC 791 §3.1: an option whose copied flag is set goes into every fragment. An option that lies about its length ends
    // the list. Returns octets written, padded with end-of-options to a multiple of four.
    private readonly int CopyOptions(scoped Span<byte> into)
    {
        ReadOnlySpan<byte> options = _frame.Slice(_ipOffset + Ipv4Header.Size, _headerLength - Ipv4Header.Size);
        int written = 0;
        while (!options.IsEmpty && options[0] != EndOfOptions)
        {
            int length = options[0] == NoOperation ? 1 : options.Length > 1 ? options[1] : 0;
            if (length == 0 || length > options.Length || (length == 1 && options[0] != NoOperation)) break;
            if ((options[0] & CopiedFlag) != 0)
            {
                options[..length].CopyTo(into[written..]);
                written += length;
            }

            options = options[length..];
        }

        while (written % 4 != 0) into[written++] = EndOfOptions;
        return written;
    }
}
