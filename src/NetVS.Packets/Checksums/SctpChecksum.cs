using System.Buffers.Binary;
using NetVS.Packets.Headers;

namespace NetVS.Packets.Checksums;

/// <summary>The checksum of an SCTP packet: CRC32c with the field taken as zero (RFC 9260 §6.8).</summary>
/// <remarks>
/// No pseudo-header: a change of addresses alone leaves it right. RFC 9260 appendix A: the CRC is sent with its octets in
/// the opposite order of the other fields, so the field is written little-endian.
/// </remarks>
public static class SctpChecksum
{
    /// <summary>The CRC of a packet, whatever stands in its checksum field.</summary>
    /// <param name="packet">The whole packet: common header and chunks, at least 12 octets.</param>
    public static uint Compute(ReadOnlySpan<byte> packet)
    {
        ReadOnlySpan<byte> zero = [0, 0, 0, 0];
        uint register = Crc32c.Update(Crc32c.Initial, packet[..SctpHeader.ChecksumOffset]);
        register = Crc32c.Update(register, zero);
        return Crc32c.Finish(Crc32c.Update(register, packet[SctpHeader.Size..]));
    }

    /// <summary>Computes the CRC and stores it.</summary>
    public static void Write(Span<byte> packet) =>
        BinaryPrimitives.WriteUInt32LittleEndian(packet[SctpHeader.ChecksumOffset..], Compute(packet));

    /// <summary>Whether the stored CRC is right; false for less than a common header.</summary>
    public static bool Verify(ReadOnlySpan<byte> packet) =>
        packet.Length >= SctpHeader.Size
        && BinaryPrimitives.ReadUInt32LittleEndian(packet[SctpHeader.ChecksumOffset..]) == Compute(packet);
}
