using NetVS.Packets;
using NetVS.Testing.Memory;
using NetVS.Vrrp.Options;
using NetVS.Vrrp.Wire;

namespace NetVS.Vrrp.Tests.Wire;

/// <summary>Adverts octet by octet. The expected packets were computed by other code, which agrees with captures of keepalived.</summary>
public sealed class AdvertWriterTests
{
    private static readonly IpAddress s_own4 = IpAddress.Parse("198.51.100.7");
    private static readonly IpAddress s_peer4 = IpAddress.Parse("198.51.100.8");

    [Fact]
    public void Version2_WithPassword_CarriesItPadded()
    {
        VirtualRouterOptions options = Advert.Version2 with
        {
            Addresses = [IpAddress.Parse("198.51.100.80"), IpAddress.Parse("198.51.100.81")], Authentication = AuthenticationKind.Password, Password = Advert.Key("abc"),
        };
        Write(options, Multicast(options, 120)).ShouldBe("45c0002c00010000ff70b053c6336407e00000122109780201024c86c6336450c63364516162630000000000");
    }

    [Fact]
    public void Version2_Resigning_HasPriority0AndEightOctetsOfNothing() =>
        Write(Advert.Version2, Multicast(Advert.Version2, 0) with { Identification = 2 })
            .ShouldBe("45c0002800020000ff70b056c6336407e0000012210900010002b46fc63364500000000000000000");

    [Fact]
    public void Version3_Multicast_SumsThePseudoHeader()
    {
        VirtualRouterOptions options = Advert.Version3 with { AdvertInterval = TimeSpan.FromMilliseconds(100) };
        Write(options, Multicast(options, 120)).ShouldBe("45c0002000010000ff70b05fc6336407e000001231097801000a219dc6336450");
    }

    [Fact]
    public void Version3_Unicast_SumsThePeersAddress()
    {
        VirtualRouterOptions options = Advert.Version3 with { AdvertInterval = TimeSpan.FromSeconds(40.95), Peers = [new(s_peer4)], UnicastTtl = 77 };
        Write(options, new(s_own4, s_peer4, 120, 1, 0, false)).ShouldBe("45c00020000100004d701837c6336407c6336408310978010fffc77ec6336450");
    }

    [Fact]
    public void Version3_UnicastWithTheOldChecksum_SumsTheGroup()
    {
        VirtualRouterOptions options = Advert.Version3 with { Peers = [new(s_peer4)] };
        Write(options, new(s_own4, s_peer4, 120, 1, 0, true)).ShouldBe("45c0002000010000ff706636c6336407c63364083109780100642143c6336450");
    }

    [Fact]
    public void Version3_Ipv6_IsAWholePacket()
    {
        Write(Advert.Version6, new(IpAddress.Parse("fe80::7"), VirtualRouterOptions.DefaultGroup6, 120, 1, 0, false)).ShouldBe(
            "6c000000002870fffe800000000000000000000000000007ff0200000000000000000000000000123109780200642b80fe80000000000000000000000000005020010db8000100000000000000000050");
    }

    [Fact]
    public void AuthenticationHeader_Multicast_CoversTheTimeToLive() =>
        Write(Advert.WithHeader, Multicast(Advert.WithHeader, 120) with { Sequence = 1 }).ShouldBe(
            "45c0004000010000ff33b07cc6336407e000001270040000c633640700000001a68cf894ae8f55b99b13bd312109780102023a6fc63364500000000000000000");

    [Fact]
    public void AuthenticationHeader_Unicast_LeavesTheTimeToLiveOut()
    {
        VirtualRouterOptions options = Advert.WithHeader with { Peers = [new(s_peer4)], UnicastTtl = 200 };
        Write(options, new(s_own4, s_peer4, 120, 1, 1, false)).ShouldBe(
            "45c0004000010000c8339d53c6336407c633640870040000c633640700000001f72a14b094958f552d09db032109780102023a6fc63364500000000000000000");
    }

    [Fact]
    public void Adverts_OfEveryKind_AllocateNothing()
    {
        byte[] buffer = new byte[AdvertWriter.MostOctets];
        foreach (VirtualRouterOptions options in new[] { Advert.Version2, Advert.Version3, Advert.WithHeader, Advert.Version6 })
        {
            AdvertWriter.Advert advert = Multicast(options, 120);
            Allocations.Measure(1000, () => AdvertWriter.Write(buffer, options, advert)).ShouldBe(0, options.Name);
        }
    }

    private static AdvertWriter.Advert Multicast(VirtualRouterOptions options, byte priority) =>
        new(options.Family == IpFamily.V6 ? IpAddress.Parse("fe80::7") : s_own4, options.Group, priority, 1, 0, false);

    private static string Write(VirtualRouterOptions options, in AdvertWriter.Advert advert)
    {
        byte[] buffer = new byte[AdvertWriter.MostOctets];
        buffer.AsSpan().Fill(0xA5);
        int length = AdvertWriter.Write(buffer, options, advert);
        buffer[length].ShouldBe((byte)0xA5, "nothing is written behind the packet");
        return Convert.ToHexStringLower(buffer, 0, length);
    }
}
