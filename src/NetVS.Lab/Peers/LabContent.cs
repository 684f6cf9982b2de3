using System.Security.Cryptography;

namespace NetVS.Lab.Peers;

/// <summary>Octets that any place can make again from their position: what large transfers carry.</summary>
internal static class LabContent
{
    /// <summary>Fills <paramref name="block"/> with the octets that stand at <paramref name="position"/> and after.</summary>
    /// <remarks>Each aligned group of eight octets is a mixed copy of its index, so that no two places look alike.</remarks>
    public static void Fill(long position, Span<byte> block)
    {
        for (int i = 0; i < block.Length; i++)
        {
            long at = position + i;
            block[i] = unchecked((byte)(Mix((ulong)(at >> 3)) >> (int)(8 * (at & 7))));
        }
    }

    /// <summary>The first position at which a block differs from what stands at <paramref name="position"/> and after; null if none does.</summary>
    public static long? FindDifference(long position, ReadOnlySpan<byte> block)
    {
        Span<byte> expected = stackalloc byte[512];
        for (int at = 0; at < block.Length; at += expected.Length)
        {
            ReadOnlySpan<byte> part = block.Slice(at, Math.Min(expected.Length, block.Length - at));
            Fill(position + at, expected[..part.Length]);
            int same = part.CommonPrefixLength(expected[..part.Length]);
            if (same < part.Length) return position + at + same;
        }

        return null;
    }

    /// <summary>The SHA-256 of the first octets, in lower case hexadecimal.</summary>
    public static string Hash(long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[1 << 16];
        for (long at = 0; at < length; at += block.Length)
        {
            Span<byte> part = block.AsSpan(0, (int)Math.Min(block.Length, length - at));
            Fill(at, part);
            hash.AppendData(part);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static ulong Mix(ulong index)
    {
        unchecked
        {
            ulong z = (index + 1) * 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
