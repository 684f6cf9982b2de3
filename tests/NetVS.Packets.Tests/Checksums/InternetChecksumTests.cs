using NetVS.Packets.Checksums;

namespace NetVS.Packets.Tests.Checksums;

public sealed class InternetChecksumTests
{
    // RFC 1071 §3: 00 01 f2 03 f4 f5 f6 f7 sums to 2ddf0, folded ddf2.
    [Fact]
    public void Sum_OfTheRfcExample_IsTheRfcSum() =>
        InternetChecksum.Sum([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]).ShouldBe((ushort)0xddf2);

    [Fact]
    public void Sum_AtEveryLengthAndAlignment_EqualsTheSlowTwin()
    {
        var random = new Random(1071);
        byte[] octets = new byte[1600];
        random.NextBytes(octets);
        for (int length = 0; length <= 300; length++)
        {
            for (int offset = 0; offset < 40; offset++)
            {
                ReadOnlySpan<byte> part = octets.AsSpan(offset, length);
                InternetChecksum.Sum(part).ShouldBe(SlowSum(part), $"length {length} offset {offset}");
            }
        }

        InternetChecksum.Sum(octets).ShouldBe(SlowSum(octets));
    }

    [Theory]
    [InlineData(0x00, 0x0000)]
    [InlineData(0xFF, 0xFFFF)]
    public void Sum_OfUniformOctets_KeepsZeroApartFromMinusZero(byte octet, int expected)
    {
        byte[] octets = new byte[65536];
        octets.AsSpan().Fill(octet);
        InternetChecksum.Sum(octets).ShouldBe((ushort)expected);
    }

    [Theory]
    [InlineData(0UL, 0)]
    [InlineData(0xFFFFUL, 0xFFFF)]
    [InlineData(0x10000UL, 1)]
    [InlineData(0xFFFF_FFFFUL, 0xFFFF)]
    [InlineData(ulong.MaxValue, 0xFFFF)]
    [InlineData(0x1_0000_0000UL, 1)]
    [InlineData(0xFFFF_FFFF_0001_0000UL, 1)]
    public void Fold_OfAnySum_IsItsResidue(ulong sum, int expected) =>
        InternetChecksum.Fold(sum).ShouldBe((ushort)expected);

    internal static ushort SlowSum(ReadOnlySpan<byte> octets)
    {
        uint sum = 0;
        for (int i = 0; i < octets.Length; i++)
        {
            sum += (uint)octets[i] << (i % 2 == 0 ? 8 : 0);
            if (sum > 0xFFFF) sum -= 0xFFFF;
        }

        return (ushort)sum;
    }
}
