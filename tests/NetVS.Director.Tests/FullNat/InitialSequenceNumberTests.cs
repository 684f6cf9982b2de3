using NetVS.Director.Forwarding;
using NetVS.Director.FullNat;
using NetVS.Packets;

namespace NetVS.Director.Tests.FullNat;

public sealed class InitialSequenceNumberTests
{
    private static uint Choose(UInt128 key, ushort port, double seconds) => InitialSequenceNumber.Choose(
        key, IpAddress.Parse("10.0.0.1"), port, IpAddress.Parse("10.0.1.1"), 80, MonotonicTime.FromSeconds(seconds));

    [Fact]
    public void OneTuple_GrowsByTheClock() => unchecked(Choose(7, 1, 11) - Choose(7, 1, 10)).ShouldBe(250_000u);

    [Fact]
    public void OtherTuplesAndKeys_AreElsewhere()
    {
        Choose(7, 2, 10).ShouldNotBe(Choose(7, 1, 10));
        Choose(8, 1, 10).ShouldNotBe(Choose(7, 1, 10));
    }

    // The reference vector of SipHash-2-4: key 00..0f, message 00..27 would be 40 octets; the published table stops at 63 octets
    // and has this value for 40.
    [Fact]
    public void KeyedHash_IsSipHash24() => KeyedHash.Of(
            new UInt128(0x0f0e0d0c0b0a0908, 0x0706050403020100),
            0x0706050403020100, 0x0f0e0d0c0b0a0908, 0x1716151413121110, 0x1f1e1d1c1b1a1918, 0x2726252423222120)
        .ShouldBe(SipHash24Reference());

    // Octet by octet, from the paper's description, to compare with.
    private static ulong SipHash24Reference()
    {
        byte[] message = [.. Enumerable.Range(0, 40).Select(i => (byte)i)];
        ulong k0 = 0x0706050403020100, k1 = 0x0f0e0d0c0b0a0908;
        ulong[] v = [k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573];
        for (int block = 0; block <= 5; block++)
        {
            ulong m = block < 5 ? BitConverter.ToUInt64(message, block * 8) : (ulong)message.Length << 56;
            v[3] ^= m;
            Round(v);
            Round(v);
            v[0] ^= m;
        }

        v[2] ^= 0xff;
        for (int i = 0; i < 4; i++) Round(v);
        return v[0] ^ v[1] ^ v[2] ^ v[3];
    }

    private static void Round(ulong[] v)
    {
        unchecked
        {
            static ulong Rotate(ulong x, int b) => (x << b) | (x >> (64 - b));
            v[0] += v[1]; v[1] = Rotate(v[1], 13); v[1] ^= v[0]; v[0] = Rotate(v[0], 32);
            v[2] += v[3]; v[3] = Rotate(v[3], 16); v[3] ^= v[2];
            v[0] += v[3]; v[3] = Rotate(v[3], 21); v[3] ^= v[0];
            v[2] += v[1]; v[1] = Rotate(v[1], 17); v[1] ^= v[2]; v[2] = Rotate(v[2], 32);
        }
    }
}
