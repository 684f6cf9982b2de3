// Read first: draft-ietf-opsawg-pcapng §3 (blocks), §4.1 (section header), §4.2 (interface description),
// §4.3 (enhanced packet), §4.4 (simple packet).
using System.Text;

namespace NetVS.Packets.Capture;

//   block: type (4) | total length (4) | body, a multiple of 4 | total length again (4)

/// <summary>Reads pcapng: either byte order, several sections and interfaces; blocks it does not know are stepped over.</summary>
public sealed class PcapngReader : ICaptureReader
{
    private const uint InterfaceDescription = 1, ObsoletePacket = 2, SimplePacket = 3, EnhancedPacket = 6;
    private const uint ByteOrderMagic = 0x1A2B_3C4D;
    private const ushort EndOfOptions = 0, IfName = 2, IfTimestampResolution = 9, IfTimestampOffset = 14;

    /// <summary>The longest block whose body is read whole: a packet, and room for options.</summary>
    private const int MaxBlockLength = CaptureReader.MaxPacketLength + 65_536;

    /// <summary>The most interfaces over all sections: a file that has more is taken for damaged.</summary>
    private const int MaxInterfaces = 65_536;

    private readonly CaptureSource _source;
    private readonly List<CaptureInterface> _interfaces = [];
    private readonly List<TimestampScale> _scales = [];
    private byte[] _block = new byte[4096];
    private int _sectionStart;

    internal PcapngReader(CaptureSource source)
    {
        _source = source;
        ReadSectionHeader(0);
    }

    /// <inheritdoc/>
    public IReadOnlyList<CaptureInterface> Interfaces => _interfaces;

    internal static bool IsMagic(ReadOnlySpan<byte> octets) => octets.SequenceEqual<byte>([0x0A, 0x0D, 0x0D, 0x0A]);

    /// <inheritdoc/>
    public bool TryReadNext(out CapturedPacket packet)
    {
        packet = default;
        Span<byte> head = stackalloc byte[4];
        while (true)
        {
            long offset = _source.Offset;
            if (!_source.TryRead(head)) return false;
            if (IsMagic(head))
            {
                ReadSectionHeader(offset);
                continue;
            }

            uint type = _source.U32(head);
            long length = ReadBlockLength(offset);
            switch (type)
            {
                case InterfaceDescription:
                    AddInterface(ReadBody(length, offset, 8), offset);
                    break;
                case EnhancedPacket:
                    packet = ReadEnhancedPacket(ReadBody(length, offset, 20), offset, 20);
                    return true;
                case ObsoletePacket:
                    packet = ReadEnhancedPacket(ReadBody(length, offset, 20), offset, 20, isObsolete: true);
                    return true;
                case SimplePacket:
                    packet = ReadSimplePacket(ReadBody(length, offset, 4), offset);
                    return true;
                default:
                    _source.Skip(length - 12);
                    ReadTrailer(length);
                    break;
            }
        }
    }

    // The first four octets of the block have been read. A section has its own byte order and its own interface numbers.
    private void ReadSectionHeader(long offset)
    {
        Span<byte> head = stackalloc byte[20];
        _source.Read(head);
        _source.IsLittleEndian = true;
        uint magic = _source.U32(head[4..]);
        if (magic != ByteOrderMagic)
        {
            _source.IsLittleEndian = false;
            if (_source.U32(head[4..]) != ByteOrderMagic)
                throw new CaptureFormatException(offset + 8, $"the byte-order magic is {Convert.ToHexStringLower(head[4..8])}");
        }

        ushort major = _source.U16(head[8..]);
        if (major != 1) throw new CaptureFormatException(offset + 12, $"pcapng version {major}, but only version 1 is known");
        long length = CheckBlockLength(_source.U32(head), offset, 28);
        _source.Skip(length - 28);
        ReadTrailer(length);
        _sectionStart = _interfaces.Count;
    }

    private long ReadBlockLength(long offset)
    {
        Span<byte> length = stackalloc byte[4];
        _source.Read(length);
        return CheckBlockLength(_source.U32(length), offset, 12);
    }

    private static long CheckBlockLength(uint length, long offset, int least)
    {
        if (length % 4 == 0 && length >= least) return length;
        throw new CaptureFormatException(offset + 4, $"a block length of {length}");
    }

    private ReadOnlySpan<byte> ReadBody(long length, long offset, int least)
    {
        long body = length - 12;
        if (body < least) throw new CaptureFormatException(offset + 4, $"a block length of {length} is too short for its kind");
        if (length > MaxBlockLength) throw new CaptureFormatException(offset + 4, $"a block of {length} octets: the file is damaged");
        if (_block.Length < body) _block = new byte[MaxBlockLength];
        _source.Read(_block.AsSpan(0, (int)body));
        ReadTrailer(length);
        return _block.AsSpan(0, (int)body);
    }

    private void ReadTrailer(long length)
    {
        long offset = _source.Offset;
        Span<byte> trailer = stackalloc byte[4];
        _source.Read(trailer);
        if (_source.U32(trailer) == length) return;
        throw new CaptureFormatException(offset, $"a block of {length} octets ends with the length {_source.U32(trailer)}");
    }

    private void AddInterface(ReadOnlySpan<byte> body, long offset)
    {
        LinkType.Require(_source.U16(body), offset + 8);
        if (_interfaces.Count == MaxInterfaces)
            throw new CaptureFormatException(offset, $"more than {MaxInterfaces} interfaces: the file is damaged");
        string name = "";
        TimestampScale scale = TimestampScale.Microseconds;
        uint snapLength = _source.U32(body[4..]);
        long at = offset + 16;
        ReadOnlySpan<byte> options = body[8..];
        while (TryTakeOption(ref options, ref at, out ushort code, out ReadOnlySpan<byte> value))
        {
            if (code == IfName) name = Encoding.UTF8.GetString(value).TrimEnd('\0');
            else if (code == IfTimestampResolution && value.Length == 1) scale = scale.WithResolution(value[0]);
            else if (code == IfTimestampOffset && value.Length == 8) scale = scale with { OffsetSeconds = unchecked((long)_source.U64(value)) };
        }

        _interfaces.Add(new CaptureInterface(_interfaces.Count, name, snapLength));
        _scales.Add(scale);
    }

    private bool TryTakeOption(ref ReadOnlySpan<byte> options, ref long at, out ushort code, out ReadOnlySpan<byte> value)
    {
        code = 0;
        value = [];
        if (options.IsEmpty) return false;
        if (options.Length < 4) throw new CaptureFormatException(at, "an option that does not fit its block");
        code = _source.U16(options);
        int length = _source.U16(options[2..]);
        if (code == EndOfOptions) return false;
        int padded = (length + 3) & ~3;
        if (padded > options.Length - 4) throw new CaptureFormatException(at, $"option {code} of {length} octets does not fit its block");
        value = options.Slice(4, length);
        options = options[(4 + padded)..];
        at += 4 + padded;
        return true;
    }

    private CapturedPacket ReadEnhancedPacket(ReadOnlySpan<byte> body, long offset, int dataAt, bool isObsolete = false)
    {
        // The obsolete packet block has a 16-bit interface id and a drop count where the enhanced one has 32 bits.
        uint id = isObsolete ? _source.U16(body) : _source.U32(body);
        int index = CheckInterface(id, offset);
        ulong ticks = ((ulong)_source.U32(body[4..]) << 32) | _source.U32(body[8..]);
        uint captured = _source.U32(body[12..]);
        uint original = _source.U32(body[16..]);
        if (captured > body.Length - dataAt)
            throw new CaptureFormatException(offset + 20, $"a packet of {captured} octets in a block of {body.Length + 12}");
        if (original > int.MaxValue)
            throw new CaptureFormatException(offset + 24, $"an original length of {original} octets: the file is damaged");
        if (!_scales[index].TryConvert(ticks, out long time))
            throw new CaptureFormatException(offset + 12, $"the timestamp {ticks} is beyond the year 2262");
        return new CapturedPacket(index, time, (int)original, _block.AsMemory(dataAt, (int)captured));
    }

    private CapturedPacket ReadSimplePacket(ReadOnlySpan<byte> body, long offset)
    {
        int index = CheckInterface(0, offset);
        uint original = _source.U32(body);
        if (original > int.MaxValue)
            throw new CaptureFormatException(offset + 8, $"an original length of {original} octets: the file is damaged");
        uint snapLength = _interfaces[index].SnapLength;
        uint captured = snapLength == 0 ? original : Math.Min(original, snapLength);
        if (captured > body.Length - 4)
            throw new CaptureFormatException(offset + 8, $"a packet of {captured} octets in a block of {body.Length + 12}");
        return new CapturedPacket(index, 0, (int)original, _block.AsMemory(4, (int)captured));
    }

    private int CheckInterface(uint id, long offset)
    {
        long index = _sectionStart + (long)id;
        if (index < _interfaces.Count) return (int)index;
        throw new CaptureFormatException(offset + 8, $"a packet of interface {id}, which was never described");
    }
}
