using NetVS.Packets;

namespace NetVS.Rules.Listing;

/// <summary>The persistence netmask as ipvsadm prints it.</summary>
public static class NetmaskText
{
    /// <summary>A dotted IPv4 mask or an IPv6 prefix length; null when it is the default, every bit.</summary>
    public static string? Format(VirtualServiceRule rule) => rule.Key.Family == IpFamily.V6
        ? (rule.NetmaskPrefix is 0 or 128 ? null : rule.NetmaskPrefix.ToString())
        : (rule.Netmask == 0xFFFF_FFFF ? null : new Ipv4Address(rule.Netmask).ToString());
}
