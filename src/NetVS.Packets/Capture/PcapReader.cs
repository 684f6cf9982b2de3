// Read first: draft-ietf-opsawg-pcap §4 (file header) and §5 (packet record).
using System.Buffers.Binary;

namespace NetVS.Packets.Capture;

//   file header: magic (4) | major (2) | minor (2) | reserved (4) | reserved (4) | snap length (4) | link type (4)
//   record:      seconds (4) | micro- or nanoseconds (4) | captured length (4) | original length (4) | data

/// <summary>Reads classic pcap: microseconds or nanoseconds, either byte order.</summary>
public sealed class PcapReader : ICaptureReader
{
    private const uint MicrosecondMagic = 0xA1B2_C3D4, NanosecondMagic = 0xA1B2_3C4D;

    private readonly CaptureSource _source;
    private readonly CaptureInterface[] _interfaces;
    private readonly uint _unit;
    private byte[] _data = new byte[2048];

    internal PcapReader(CaptureSource source, ReadOnlySpan<byte> magic)
    {
        _source = source;
        (_source.IsLittleEndian, _unit) = ReadMagic(magic);
        Span<byte> header = stackalloc byte[20];
        source.Read(header);
        ushort major = source.U16(header);
        if (major != 2) throw new CaptureFormatException(4, $"pcap version {major}, but only version 2 is known");

        // The upper bits of the link type say how long an FCS is; frames with one are not supported.
        uint linkType = source.U32(header[16..]);
        LinkType.Require(linkType & 0xFFFF, 20);
        if ((linkType & 0x0400_0000) != 0 && linkType >> 28 != 0)
            throw new CaptureFormatException(20, "the packets carry their frame check sequence, which is not supported");
        _interfaces = [new CaptureInterface(0, "", source.U32(header[12..]))];
    }

    /// <inheritdoc/>
    public IReadOnlyList<CaptureInterface> Interfaces => _interfaces;

    /// <inheritdoc/>
    public bool TryReadNext(out CapturedPacket packet)
    {
        packet = default;
        long offset = _source.Offset;
        Span<byte> header = stackalloc byte[16];
        if (!_source.TryRead(header)) return false;
        uint captured = _source.U32(header[8..]);
        uint original = _source.U32(header[12..]);
        if (captured > CaptureReader.MaxPacketLength)
            throw new CaptureFormatException(offset + 8, $"a packet of {captured} octets: the file is damaged");
        if (original > int.MaxValue)
            throw new CaptureFormatException(offset + 12, $"an original length of {original} octets: the file is damaged");
        if (_data.Length < captured) _data = new byte[CaptureReader.MaxPacketLength];
        _source.Read(_data.AsSpan(0, (int)captured));
        long time = (_source.U32(header) * 1_000_000_000L) + ((long)_source.U32(header[4..]) * _unit);
        packet = new CapturedPacket(0, time, (int)original, _data.AsMemory(0, (int)captured));
        return true;
    }

    private static (bool IsLittleEndian, uint Unit) ReadMagic(ReadOnlySpan<byte> magic)
    {
        uint big = BinaryPrimitives.ReadUInt32BigEndian(magic);
        uint little = BinaryPrimitives.ReadUInt32LittleEndian(magic);
        if (big == MicrosecondMagic) return (false, 1000);
        if (big == NanosecondMagic) return (false, 1);
        if (little == MicrosecondMagic) return (true, 1000);
        if (little == NanosecondMagic) return (true, 1);
        throw new CaptureFormatException(0, $"neither pcap nor pcapng: the file begins with {Convert.ToHexStringLower(magic)}");
    }
}
