using System.Text;
using NetVS.Packets;
using NetVS.Vrrp.Options;
using NetVS.Vrrp.Wire;

namespace NetVS.Vrrp.Tests;

/// <summary>Virtual routers and adverts for tests.</summary>
internal static class Advert
{
    public static VirtualRouterOptions Version3 { get; } = new()
    {
        Name = "V3", RouterId = 9, Priority = 100, Addresses = [IpAddress.Parse("198.51.100.80")],
    };

    public static VirtualRouterOptions Version2 { get; } = Version3 with { Name = "V2", Version = 2, AdvertInterval = TimeSpan.FromSeconds(2) };

    public static VirtualRouterOptions WithHeader { get; } = Version2 with { Name = "AH", Authentication = AuthenticationKind.Header, Password = Key("abc") };

    public static VirtualRouterOptions Version6 { get; } = Version3 with
    {
        Name = "V6", Family = IpFamily.V6, Group = VirtualRouterOptions.DefaultGroup6, Addresses = [IpAddress.Parse("fe80::50"), IpAddress.Parse("2001:db8:1::50")],
    };

    public static byte[] Key(string password)
    {
        byte[] key = new byte[8];
        Encoding.ASCII.GetBytes(password, key);
        return key;
    }

    /// <summary>The packet a router with these options would send.</summary>
    public static byte[] From(VirtualRouterOptions sender, string source, byte priority, string? destination = null, uint sequence = 1)
    {
        byte[] buffer = new byte[AdvertWriter.MostOctets];
        IpAddress to = destination is null ? sender.Group : IpAddress.Parse(destination);
        int length = AdvertWriter.Write(buffer, sender, new(IpAddress.Parse(source), to, priority, 1, sequence, false));
        return buffer[..length];
    }

    /// <summary>Reads it as a raw socket would deliver it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> packet, out ReceivedAdvert advert) => packet[0] >> 4 == 4
        ? ReceivedAdvert.TryReadIpv4(packet, out advert)
        : ReceivedAdvert.TryReadIpv6(Ipv6Address.Read(packet[8..]), Ipv6Address.Read(packet[24..]), packet[7], packet[40..], out advert);
}
