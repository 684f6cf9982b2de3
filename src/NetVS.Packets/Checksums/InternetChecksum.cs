using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NetVS.Packets.Checksums;

/// <summary>The Internet checksum, RFC 1071: one's complement sums of 16-bit words.</summary>
/// <remarks>
/// A <em>sum</em> here is folded to 16 bits, in host order and not complemented; what stands in a header is its complement
/// (<see cref="Finish"/>). Sums of blocks may be added when each block but the last has an even number of octets.
/// <para>
/// The sum is taken over words as the machine reads them, and its octets are swapped once at the end: RFC 1071 §2 (B),
/// "the sum of 16-bit integers can be computed in either byte order". Wide words are added into 64-bit lanes, which cannot
/// overflow for any length a span can have, and folded by adding the halves, because 2^16 = 1 modulo 2^16 - 1.
/// </para>
/// </remarks>
public static class InternetChecksum
{
    /// <summary>The folded sum of octets of any length and alignment; an odd last octet is padded with zero on the right.</summary>
    /// <returns>0 only when every octet is zero (RFC 1624 §3).</returns>
    public static ushort Sum(ReadOnlySpan<byte> octets)
    {
        ulong sum = 0;
        if (octets.Length >= 64 && Vector256.IsHardwareAccelerated)
        {
            sum = SumVectors(octets);
            octets = octets[(octets.Length & ~31)..];
        }

        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(octets)) sum += (word & 0xFFFF_FFFF) + (word >> 32);
        return FoldNative(sum + ReadTail(octets[(octets.Length & ~7)..]));
    }

    /// <summary>The checksum field for octets whose own checksum field is zero: the complement of their sum.</summary>
    public static ushort Compute(ReadOnlySpan<byte> octets) => Finish(Sum(octets));

    /// <summary>Adds two folded sums (end-around carry).</summary>
    public static ushort Add(ushort first, ushort second)
    {
        uint sum = (uint)first + second;
        return unchecked((ushort)(sum + (sum >> 16)));
    }

    /// <summary>Folds a sum of up to 2^32 16-bit words to 16 bits.</summary>
    public static ushort Fold(ulong sum)
    {
        sum = (sum & 0xFFFF_FFFF) + (sum >> 32);
        sum = (sum & 0xFFFF_FFFF) + (sum >> 32);
        uint half = (uint)(sum & 0xFFFF) + (uint)(sum >> 16);
        half = (half & 0xFFFF) + (half >> 16);
        return (ushort)half;
    }

    /// <summary>What belongs into a checksum field: the complement of the sum.</summary>
    public static ushort Finish(ushort sum) => unchecked((ushort)~sum);

    // Sums 0 to 7 octets in pieces of 4, 2 and 1, each of which begins at an even offset, so that every octet keeps the half of its
    // 16-bit word. Putting them together in memory first would stall every IPv4 header on the load behind the smaller store.
    private static ulong ReadTail(ReadOnlySpan<byte> octets)
    {
        ulong sum = 0;
        if (octets.Length >= 4)
        {
            sum = MemoryMarshal.Read<uint>(octets);
            octets = octets[4..];
        }

        if (octets.Length >= 2)
        {
            sum += MemoryMarshal.Read<ushort>(octets);
            octets = octets[2..];
        }

        if (octets.IsEmpty) return sum;
        return sum + (BitConverter.IsLittleEndian ? octets[0] : (ulong)octets[0] << 8);
    }

    private static ulong SumVectors(ReadOnlySpan<byte> octets)
    {
        Vector256<ulong> even = Vector256<ulong>.Zero;
        Vector256<ulong> odd = Vector256<ulong>.Zero;
        var low = Vector256.Create(0x0000_0000_FFFF_FFFFUL);
        foreach (Vector256<ulong> words in MemoryMarshal.Cast<byte, Vector256<ulong>>(octets))
        {
            even += words & low;
            odd += Vector256.ShiftRightLogical(words, 32);
        }

        return Vector256.Sum(even) + Vector256.Sum(odd);
    }

    private static ushort FoldNative(ulong sum)
    {
        ushort folded = Fold(sum);
        return BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(folded) : folded;
    }
}
