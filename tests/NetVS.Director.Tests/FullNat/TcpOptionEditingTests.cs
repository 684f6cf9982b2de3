using NetVS.Director.FullNat;

namespace NetVS.Director.Tests.FullNat;

public sealed class TcpOptionEditingTests
{
    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    [Theory]
    [InlineData("0204 05B4", 8, 2000, "0204 05AC")]
    [InlineData("0204 05B4", 8, 1000, "0204 03E8")]
    [InlineData("0101 0204 05B4 0101", 8, 9999, "0101 0204 05AC 0101")]
    [InlineData("01 0204 05B4 010101", 20, 9999, "01 0204 05A0 010101")]
    [InlineData("0204 0004", 8, 9999, "0204 0001")]
    public void TryLowerMss_LowersAndLimits(string options, int reserve, int limit, string expected)
    {
        byte[] octets = Hex(options);

        TcpOptionEditing.TryLowerMss(octets, reserve, limit).ShouldBeTrue();
        octets.ShouldBe(Hex(expected));
    }

    [Theory]
    [InlineData("0204 0100", 0, 2000)]
    [InlineData("0203 01 01", 8, 2000)]
    [InlineData("0101 0101", 8, 2000)]
    [InlineData("0101 0102", 8, 2000)]
    public void TryLowerMss_NothingToLower_ChangesNothing(string options, int reserve, int limit)
    {
        byte[] octets = Hex(options);

        TcpOptionEditing.TryLowerMss(octets, reserve, limit).ShouldBeFalse();
        octets.ShouldBe(Hex(options));
    }

    [Fact]
    public void TryShiftSack_ShiftsEveryEdge_AcrossZero()
    {
        byte[] octets = Hex("0101 0512 0000000A 00000014 FFFFFFFF 00000000");

        TcpOptionEditing.TryShiftSack(octets, 11).ShouldBeTrue();
        octets.ShouldBe(Hex("0101 0512 FFFFFFFF 00000009 FFFFFFF4 FFFFFFF5"));
    }

    [Theory]
    [InlineData("FE08 1234 01020304", "0101010101010101")]
    [InlineData("FD14 1234 00000000000000000000000000000000", "0101010101010101010101010101010101010101")]
    [InlineData("0101 FE08 1234 01020304 FE08 1234 01020304 0101", "0101 0101010101010101 0101010101010101 0101")]
    public void TryBlankClientAddress_BlanksThemAll(string options, string expected)
    {
        byte[] octets = Hex(options);

        TcpOptionEditing.TryBlankClientAddress(octets).ShouldBeTrue();
        octets.ShouldBe(Hex(expected));
    }

    [Theory]
    [InlineData("FE04 1234")]
    [InlineData("FE09 1234 01020304")]
    [InlineData("00FE 0812 3401 0203 04")]
    public void TryBlankClientAddress_OtherExperimentsAndLies_StayAsTheyAre(string options)
    {
        byte[] octets = Hex(options);

        TcpOptionEditing.TryBlankClientAddress(octets).ShouldBeFalse();
        octets.ShouldBe(Hex(options));
    }

    [Fact]
    public void Compact_LeavesOutNoOperationsAndClientAddresses_AndPads()
    {
        byte[] into = new byte[40];

        int length = TcpOptionEditing.Compact(Hex("0101 080A 00000001 00000002 01 030307 FE08 1234 01020304"), into);

        into[..length].ShouldBe(Hex("080A 00000001 00000002 030307 000000"));
    }
}
