using System.Numerics;
using System.Runtime.CompilerServices;

namespace NetVS.Director.Connections;

/// <summary>SipHash-1-3, word by word: a keyed hash whose collisions nobody can aim at without the key.</summary>
/// <remarks>
/// Source: Aumasson, Bernstein, "SipHash: a fast short-input PRF" §2, with one compression and three finalisation rounds. The last
/// word holds the message's length in its top octet. It is a struct so that its four words stay in registers.
/// </remarks>
internal struct SipHash13
{
    private ulong _v0;
    private ulong _v1;
    private ulong _v2;
    private ulong _v3;

    /// <summary>Begins a message under a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SipHash13(ulong key0, ulong key1)
    {
        _v0 = key0 ^ 0x736f6d6570736575;
        _v1 = key1 ^ 0x646f72616e646f6d;
        _v2 = key0 ^ 0x6c7967656e657261;
        _v3 = key1 ^ 0x7465646279746573;
    }

    /// <summary>Takes eight octets of the message, the first least significant.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong word)
    {
        _v3 ^= word;
        Round();
        _v0 ^= word;
    }

    /// <summary>Takes the last word: up to seven octets of the message, and its length in the top octet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Finish(ulong lastWord)
    {
        Add(lastWord);
        _v2 ^= 0xFF;
        Round();
        Round();
        Round();
        return _v0 ^ _v1 ^ _v2 ^ _v3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Round()
    {
        unchecked
        {
            _v0 += _v1;
            _v1 = BitOperations.RotateLeft(_v1, 13) ^ _v0;
            _v0 = BitOperations.RotateLeft(_v0, 32);
            _v2 += _v3;
            _v3 = BitOperations.RotateLeft(_v3, 16) ^ _v2;
            _v0 += _v3;
            _v3 = BitOperations.RotateLeft(_v3, 21) ^ _v0;
            _v2 += _v1;
            _v1 = BitOperations.RotateLeft(_v1, 17) ^ _v2;
            _v2 = BitOperations.RotateLeft(_v2, 32);
        }
    }
}
