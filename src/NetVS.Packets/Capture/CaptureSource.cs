using System.Buffers.Binary;

namespace NetVS.Packets.Capture;

/// <summary>A stream read in whole pieces, which knows where it is and in which byte order numbers stand.</summary>
internal sealed class CaptureSource(Stream stream)
{
    private const int SkipPiece = 4096;

    /// <summary>Octets read so far.</summary>
    public long Offset { get; private set; }

    /// <summary>Whether numbers are little-endian.</summary>
    public bool IsLittleEndian { get; set; }

    /// <summary>Fills the span; false when the file ends before its first octet.</summary>
    /// <exception cref="CaptureFormatException">The file ends inside.</exception>
    public bool TryRead(Span<byte> into)
    {
        int read = stream.ReadAtLeast(into, into.Length, throwOnEndOfStream: false);
        if (read == 0 && into.Length > 0) return false;
        if (read < into.Length)
            throw new CaptureFormatException(Offset + read, $"the file ends here, {into.Length - read} octets too early");
        Offset += read;
        return true;
    }

    /// <summary>Fills the span.</summary>
    /// <exception cref="CaptureFormatException">The file ends before or inside.</exception>
    public void Read(Span<byte> into)
    {
        if (!TryRead(into)) throw new CaptureFormatException(Offset, $"the file ends here, {into.Length} octets too early");
    }

    /// <summary>Reads over octets, in small pieces: a lying length costs no memory.</summary>
    public void Skip(long octets)
    {
        Span<byte> piece = stackalloc byte[SkipPiece];
        for (; octets > 0; octets -= SkipPiece) Read(octets < SkipPiece ? piece[..(int)octets] : piece);
    }

    public ushort U16(ReadOnlySpan<byte> octets) =>
        IsLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(octets) : BinaryPrimitives.ReadUInt16BigEndian(octets);

    public uint U32(ReadOnlySpan<byte> octets) =>
        IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(octets) : BinaryPrimitives.ReadUInt32BigEndian(octets);

    public ulong U64(ReadOnlySpan<byte> octets) =>
        IsLittleEndian ? BinaryPrimitives.ReadUInt64LittleEndian(octets) : BinaryPrimitives.ReadUInt64BigEndian(octets);
}
