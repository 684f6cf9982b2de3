// Read first: draft-ietf-opsawg-pcap §4 and §5.
using System.Buffers.Binary;

namespace NetVS.Packets.Capture;

/// <summary>Writes classic pcap with nanoseconds, little-endian; it has one interface and no name for it.</summary>
public sealed class PcapWriter : ICaptureWriter
{
    private readonly Stream _stream;
    private bool _hasInterface;

    /// <summary>Writes the file header.</summary>
    /// <param name="stream">Where to; the caller closes it.</param>
    public PcapWriter(Stream stream)
    {
        _stream = stream;
        Span<byte> header = stackalloc byte[24];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0xA1B2_3C4D);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], CaptureReader.MaxPacketLength);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], LinkType.Ethernet);
        stream.Write(header);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    public int AddInterface(string name)
    {
        if (_hasInterface) throw new InvalidOperationException("a classic pcap file has one interface: write pcapng");
        _hasInterface = true;
        return 0;
    }

    /// <inheritdoc/>
    public void Write(int interfaceId, long timestamp, ReadOnlySpan<byte> frame, int originalLength = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(timestamp);
        ArgumentOutOfRangeException.ThrowIfNotEqual(interfaceId, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(frame.Length, CaptureReader.MaxPacketLength);
        Span<byte> header = stackalloc byte[16];

        // Seconds have 32 bits without a sign: until the year 2106.
        BinaryPrimitives.WriteUInt32LittleEndian(header, checked((uint)(timestamp / 1_000_000_000)));
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)(timestamp % 1_000_000_000));
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], frame.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], Math.Max(originalLength, frame.Length));
        _stream.Write(header);
        _stream.Write(frame);
    }

    /// <inheritdoc/>
    public void Flush() => _stream.Flush();
}
