using NetVS.Packets.Checksums;

namespace NetVS.Packets.Tests.Checksums;

public sealed class Crc32cTests
{
    // RFC 3720 appendix B.4 (byte order there is the wire's).
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 0x8A9136AAu)]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", 0x62A8AB43u)]
    [InlineData("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", 0x46DD794Eu)]
    public void Compute_OfTheRfcVectors_IsTheRfcCrc(string hex, uint expected) =>
        Crc32c.Compute(Convert.FromHexString(hex)).ShouldBe(expected);

    [Fact]
    public void Compute_AtEveryLength_EqualsTheSlowTwin()
    {
        byte[] octets = new byte[70];
        new Random(9260).NextBytes(octets);
        for (int length = 0; length <= octets.Length; length++)
            Crc32c.Compute(octets.AsSpan(0, length)).ShouldBe(SlowCrc(octets.AsSpan(0, length)), $"length {length}");
    }

    [Fact]
    public void SctpVerify_OfWhatWriteWrote_IsTrue_UntilABitFlips()
    {
        byte[] packet = new byte[33];
        new Random(132).NextBytes(packet);
        SctpChecksum.Write(packet);
        SctpChecksum.Verify(packet).ShouldBeTrue();
        for (int bit = 0; bit < packet.Length * 8; bit++)
        {
            packet[bit / 8] ^= (byte)(1 << (bit % 8));
            SctpChecksum.Verify(packet).ShouldBeFalse($"bit {bit}");
            packet[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        SctpChecksum.Verify(packet.AsSpan(0, 11)).ShouldBeFalse();
    }

    private static uint SlowCrc(ReadOnlySpan<byte> octets)
    {
        uint register = 0xFFFF_FFFF;
        foreach (byte octet in octets)
        {
            register ^= octet;
            for (int bit = 0; bit < 8; bit++) register = (register >> 1) ^ ((register & 1) != 0 ? 0x82F6_3B78u : 0);
        }

        return ~register;
    }
}
