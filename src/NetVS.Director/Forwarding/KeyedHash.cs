// SipHash: J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF" (2012).

using System.Numerics;

namespace NetVS.Director.Forwarding;

/// <summary>SipHash-2-4 of a few 64-bit words, for numbers that an outsider must not be able to foresee.</summary>
internal static class KeyedHash
{
    /// <summary>The hash of five words under a key.</summary>
    public static ulong Of(UInt128 key, ulong a, ulong b, ulong c, ulong d, ulong e)
    {
        unchecked
        {
            ulong k0 = (ulong)key, k1 = (ulong)(key >> 64);
            ulong v0 = k0 ^ 0x736f6d6570736575, v1 = k1 ^ 0x646f72616e646f6d;
            ulong v2 = k0 ^ 0x6c7967656e657261, v3 = k1 ^ 0x7465646279746573;
            Absorb(ref v0, ref v1, ref v2, ref v3, a);
            Absorb(ref v0, ref v1, ref v2, ref v3, b);
            Absorb(ref v0, ref v1, ref v2, ref v3, c);
            Absorb(ref v0, ref v1, ref v2, ref v3, d);
            Absorb(ref v0, ref v1, ref v2, ref v3, e);

            // The last block holds the message's length in octets in its top octet.
            Absorb(ref v0, ref v1, ref v2, ref v3, 40UL << 56);
            v2 ^= 0xFF;
            for (int i = 0; i < 4; i++) Round(ref v0, ref v1, ref v2, ref v3);
            return v0 ^ v1 ^ v2 ^ v3;
        }
    }

    private static void Absorb(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3, ulong word)
    {
        v3 ^= word;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= word;
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
