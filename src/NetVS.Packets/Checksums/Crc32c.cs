using System.Buffers.Binary;
using System.Numerics;

namespace NetVS.Packets.Checksums;

/// <summary>CRC32c, the Castagnoli polynomial 0x1EDC6F41 (RFC 9260 appendix A).</summary>
public static class Crc32c
{
    /// <summary>The CRC of octets, with the usual initial value and final complement.</summary>
    public static uint Compute(ReadOnlySpan<byte> octets) => Finish(Update(Initial, octets));

    /// <summary>The register before the first octet.</summary>
    public const uint Initial = 0xFFFF_FFFF;

    /// <summary>The register after further octets.</summary>
    public static uint Update(uint register, ReadOnlySpan<byte> octets)
    {
        while (octets.Length >= 8)
        {
            register = BitOperations.Crc32C(register, BinaryPrimitives.ReadUInt64LittleEndian(octets));
            octets = octets[8..];
        }

        foreach (byte octet in octets) register = BitOperations.Crc32C(register, octet);
        return register;
    }

    /// <summary>The CRC for a register.</summary>
    public static uint Finish(uint register) => ~register;
}
