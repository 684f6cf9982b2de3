// Reference §14.1.

using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Control.Synchronisation;

/// <summary>Where a daemon sends to or listens, everything that was left out filled in.</summary>
/// <param name="Rule">The daemon, complete: what a listing shows.</param>
/// <param name="InterfaceIndex">The kernel's index of its interface.</param>
internal sealed record SyncEndpoint(SyncDaemonRule Rule, int InterfaceIndex)
{
    private const ushort DefaultPort = 8848;
    private const byte DefaultTtl = 1;
    private const int EthernetMtu = 1500, MostOctets = 65535, LeastOfBackup = 1024;
    private const int HeadersV4 = 20 + 8, HeadersV6 = 40 + 8;

    /// <summary>Whether the group is one of IPv6.</summary>
    public bool IsV6 => Rule.Group.Family == IpFamily.V6;

    /// <summary>Fills in what was left out.</summary>
    /// <returns>Null when it cannot be, with <paramref name="problem"/>.</returns>
    public static SyncEndpoint? Complete(SyncDaemonRule asked, NetworkState network, out RuleResult problem)
    {
        problem = RuleResult.Ok;
        IpAddress group = asked.Group.IsNone || asked.Group.IsAny ? new IpAddress(Ipv4Address.Of(224, 0, 0, 81)) : asked.Group;
        if (!group.IsMulticast)
        {
            problem = new RuleResult(RuleStatus.EINVAL, $"{group} is no multicast address");
            return null;
        }

        if (network.FindInterface(asked.Interface) is not { } found)
        {
            problem = new RuleResult(RuleStatus.ENODEV, $"there is no interface {asked.Interface}: name one with --mcast-interface");
            return null;
        }

        int headers = group.Family == IpFamily.V6 ? HeadersV6 : HeadersV4;
        int length = asked.MaxLength != 0
            ? Math.Clamp((int)asked.MaxLength, asked.IsMaster ? 1 : LeastOfBackup, MostOctets - headers)
            : (asked.IsMaster ? EthernetMtu : Math.Clamp(found.IpMtu, EthernetMtu, MostOctets)) - headers;
        SyncDaemonRule rule = asked with
        {
            Group = group,
            Port = asked.Port == 0 ? DefaultPort : asked.Port,
            Ttl = asked.Ttl == 0 ? DefaultTtl : asked.Ttl,
            MaxLength = (ushort)length,
        };
        return new SyncEndpoint(rule, found.Index);
    }
}
