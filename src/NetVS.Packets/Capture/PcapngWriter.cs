// Read first: draft-ietf-opsawg-pcapng §3, §4.1, §4.2, §4.3.
using System.Buffers.Binary;
using System.Text;

namespace NetVS.Packets.Capture;

/// <summary>Writes pcapng: one little-endian section, named interfaces, nanoseconds.</summary>
public sealed class PcapngWriter : ICaptureWriter
{
    private readonly Stream _stream;
    private int _interfaces;

    /// <summary>Writes the section header.</summary>
    /// <param name="stream">Where to; the caller closes it.</param>
    public PcapngWriter(Stream stream)
    {
        _stream = stream;
        Span<byte> body = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(body, 0x1A2B_3C4D);
        BinaryPrimitives.WriteUInt16LittleEndian(body[4..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(body[6..], 0);

        // Section length "not specified".
        BinaryPrimitives.WriteInt64LittleEndian(body[8..], -1);
        WriteBlock(0x0A0D_0D0A, body, []);
    }

    /// <inheritdoc/>
    public int AddInterface(string name)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(name);
        byte[] body = new byte[8 + (utf8.Length == 0 ? 0 : 4 + Padded(utf8.Length)) + 8 + 4];
        BinaryPrimitives.WriteUInt16LittleEndian(body, (ushort)LinkType.Ethernet);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(4), CaptureReader.MaxPacketLength);
        Span<byte> options = body.AsSpan(8);
        if (utf8.Length > 0)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(options, 2);
            BinaryPrimitives.WriteUInt16LittleEndian(options[2..], (ushort)utf8.Length);
            utf8.CopyTo(options[4..]);
            options = options[(4 + Padded(utf8.Length))..];
        }

        // if_tsresol 9: 10^-9 seconds; then the end of options, which is all zero.
        BinaryPrimitives.WriteUInt16LittleEndian(options, 9);
        BinaryPrimitives.WriteUInt16LittleEndian(options[2..], 1);
        options[4] = 9;
        WriteBlock(1, body, []);
        return _interfaces++;
    }

    /// <inheritdoc/>
    public void Write(int interfaceId, long timestamp, ReadOnlySpan<byte> frame, int originalLength = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(timestamp);
        ArgumentOutOfRangeException.ThrowIfNegative(interfaceId);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(interfaceId, _interfaces);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(frame.Length, CaptureReader.MaxPacketLength);
        Span<byte> body = stackalloc byte[20];
        BinaryPrimitives.WriteInt32LittleEndian(body, interfaceId);
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], (uint)(timestamp >> 32));
        BinaryPrimitives.WriteUInt32LittleEndian(body[8..], (uint)(timestamp & 0xFFFF_FFFF));
        BinaryPrimitives.WriteInt32LittleEndian(body[12..], frame.Length);
        BinaryPrimitives.WriteInt32LittleEndian(body[16..], Math.Max(originalLength, frame.Length));
        WriteBlock(6, body, frame);
    }

    /// <inheritdoc/>
    public void Flush() => _stream.Flush();

    private void WriteBlock(uint type, ReadOnlySpan<byte> body, ReadOnlySpan<byte> data)
    {
        Span<byte> word = stackalloc byte[8];
        int length = 12 + body.Length + Padded(data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(word, type);
        BinaryPrimitives.WriteInt32LittleEndian(word[4..], length);
        _stream.Write(word);
        _stream.Write(body);
        _stream.Write(data);
        _stream.Write("\0\0\0"u8[..(Padded(data.Length) - data.Length)]);
        _stream.Write(word[4..]);
    }

    private static int Padded(int length) => (length + 3) & ~3;
}
