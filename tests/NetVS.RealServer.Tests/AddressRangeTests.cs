using NetVS.Packets;

namespace NetVS.RealServer.Tests;

public sealed class AddressRangeTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", 32)]
    [InlineData("192.0.2.200/25", "192.0.2.128/25", 25)]
    [InlineData("0.0.0.0/0", "0.0.0.0/0", 0)]
    [InlineData("2001:db8::ffff/64", "2001:db8::/64", 64)]
    [InlineData("2001:db8::1", "2001:db8::1", 128)]
    public void TryParse_OfGoodText_MasksTheAddress(string text, string printed, int length)
    {
        AddressRange.TryParse(text, out AddressRange range).ShouldBeTrue();
        range.ToString().ShouldBe(printed);
        range.PrefixLength.ShouldBe(length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("192.0.2.1/33")]
    [InlineData("192.0.2.1/-1")]
    [InlineData("192.0.2.1/24/8")]
    [InlineData("2001:db8::/129")]
    [InlineData("eth0")]
    public void TryParse_OfBadText_Refuses(string text) => AddressRange.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void MapKey_OfIpv4Address_IsMapped() =>
        Convert.ToHexString(AddressRange.ToMapKey(IpAddress.Parse("192.0.2.1"))).ShouldBe("00000000000000000000FFFFC0000201");

    [Fact]
    public void PrefixKey_OfIpv4Range_CountsTheMappedBits()
    {
        AddressRange.TryParse("192.0.2.0/24", out AddressRange range).ShouldBeTrue();
        Convert.ToHexString(range.ToPrefixKey()).ShouldBe("7800000000000000000000000000FFFFC0000200");
    }

    [Theory]
    [InlineData("192.0.2.0/24")]
    [InlineData("192.0.2.1")]
    [InlineData("2001:db8::/33")]
    [InlineData("::/0")]
    public void PrefixKey_ReadBack_IsTheSame(string text)
    {
        AddressRange.TryParse(text, out AddressRange range).ShouldBeTrue();
        AddressRange.FromPrefixKey(range.ToPrefixKey()).ShouldBe(range);
    }
}
