using System.Numerics;

namespace NetVS.Director.Scheduling;

/// <summary>The kernel's hsiphash of one 32-bit word: SipHash-1-3, the state XORed with a key, cut to 32 bits.</summary>
/// <remarks>Reference §3.11. The two keys are fixed, so that tables agree between directors.</remarks>
internal static class MaglevHash
{
    /// <summary>Both key words of the first hash (offsets and lookups).</summary>
    public const ulong Key1 = 2654435761;

    /// <summary>Both key words of the second hash (skips).</summary>
    public const ulong Key2 = 2654446892;

    /// <summary>Hashes one word.</summary>
    public static uint Of(ulong key, uint value)
    {
        unchecked
        {
            ulong v0 = 0x736f_6d65_7073_6575 ^ key;
            ulong v1 = 0x646f_7261_6e64_6f6d ^ key;
            ulong v2 = 0x6c79_6765_6e65_7261 ^ key;
            ulong v3 = 0x7465_6462_7974_6573 ^ key;
            ulong block = (4UL << 56) | value;
            v3 ^= block;
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= block;
            v2 ^= 0xFF;
            Round(ref v0, ref v1, ref v2, ref v3);
            Round(ref v0, ref v1, ref v2, ref v3);
            Round(ref v0, ref v1, ref v2, ref v3);
            return (uint)(v0 ^ v1 ^ v2 ^ v3);
        }
    }

    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        unchecked
        {
            v0 += v1;
            v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
            v0 = BitOperations.RotateLeft(v0, 32);
            v2 += v3;
            v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
            v2 = BitOperations.RotateLeft(v2, 32);
        }
    }
}
