using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NetVS.Benchmarks.Hashing;

/// <summary>A loser: two AES rounds under the key. Fast, but without SipHash's analysis, and without AES instructions it is nothing.</summary>
internal static class AesHash
{
    public static ulong Of(Vector128<byte> key, ulong word)
    {
        Vector128<byte> state = Vector128.Create(word, word).AsByte() ^ key;
        state = Aes.Encrypt(state, key);
        state = Aes.Encrypt(state, state);
        return state.AsUInt64().ToScalar();
    }
}
