using NetVS.Packets.Headers;

namespace NetVS.Packets.Tests.Headers;

public sealed class Ipv6ExtensionWalkTests
{
    [Theory]
    [InlineData(6, "", 6, 0)]
    [InlineData(99, "", 99, 0)]
    [InlineData(59, "", 59, 0)]
    [InlineData(0, "0600010400000000", 6, 8)]
    [InlineData(0, "2b00010400000000 3c00000000000000 11000104000000000", 17, 24)]
    [InlineData(60, "0601 0000 0000 0000 0000 0000 0000 0000", 6, 16)]
    [InlineData(51, "0604 0000 00000001 00000001 000000000000000000000000", 6, 24)]
    public void TryWalk_OfAGoodChain_EndsAtTheProtocol(int next, string hex, int protocol, int offset)
    {
        hex = hex.Replace(" ", "");
        Ipv6ExtensionWalk.TryWalk(Convert.FromHexString(hex[..(hex.Length & ~1)]), (IpProtocol)next, out Ipv6ExtensionWalk walk).ShouldBeTrue();
        ((int)walk.Protocol, walk.Offset).ShouldBe((protocol, offset));
    }

    [Theory]
    [InlineData(0, "06000104000000", Ipv6ExtensionError.Truncated)]
    [InlineData(60, "0601000000000000", Ipv6ExtensionError.Truncated)]
    [InlineData(60, "0000000000000000 0600000000000000", Ipv6ExtensionError.Misplaced)]
    [InlineData(44, "2c00000000000000 0600000000000000", Ipv6ExtensionError.Misplaced)]
    [InlineData(51, "0600000000000000", Ipv6ExtensionError.BadLength)]
    [InlineData(60, "3c00000000000000 3c00000000000000 3c00000000000000 3c00000000000000 3c00000000000000 3c00000000000000 3c00000000000000 3c00000000000000 0600000000000000", Ipv6ExtensionError.TooMany)]
    public void TryWalk_OfABadChain_SaysWhy(int next, string hex, Ipv6ExtensionError error)
    {
        Ipv6ExtensionWalk.TryWalk(Convert.FromHexString(hex.Replace(" ", "")), (IpProtocol)next, out Ipv6ExtensionWalk walk).ShouldBeFalse();
        walk.Error.ShouldBe(error);
    }
}
