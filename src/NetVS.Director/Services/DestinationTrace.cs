using NetVS.Director.Marks;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Services;

/// <summary>What a destination leaves in the snapshots while it is in force or lingers; the default leaves nothing.</summary>
/// <param name="Service">The service it belongs or belonged to.</param>
/// <param name="Real">RIP and real port as it was added; 0 means the service's port.</param>
/// <param name="Methods">The methods its connections may have, as bits by the value of <see cref="ForwardingMethod"/>; 0 leaves nothing.</param>
/// <param name="IsNat">Whether it is in force with method NAT.</param>
/// <param name="HasAnyPort">Whether connections to other ports than the service's are among its own (<see cref="VirtualServiceState.HasAnyPort"/>).</param>
/// <param name="Tunnel">What <see cref="TunnelEndOf"/> says of its rule.</param>
internal readonly record struct DestinationTrace(
    ServiceKey Service, IpEndpoint Real, int Methods, bool IsNat, bool HasAnyPort, DivertEndpoint Tunnel)
{
    /// <summary>Where packets to it are sent by clients, or null for a mark service.</summary>
    public DivertEndpoint? Virtual => Methods == 0 ? null : VirtualOf(Service, HasAnyPort);

    /// <summary>Where its replies come from, if they are to be rewritten, else null; the protocol may be any of <see cref="Protocols"/>.</summary>
    public DivertEndpoint? Reply => (Methods & ((1 << (int)ForwardingMethod.Nat) | (1 << (int)ForwardingMethod.FullNat))) == 0
        ? null
        : new DivertEndpoint(Service.Protocol, Real.Address, HasAnyPort ? (ushort)0 : Real.Port != 0 ? Real.Port : Service.Port);

    /// <summary>The protocols its connections may have: the service's, or those that can have a mark.</summary>
    public IReadOnlyList<IpProtocol> Protocols => Service.IsMark ? PortLists.Protocols : [Service.Protocol];

    /// <summary>Where its tunnel ends, or null.</summary>
    public DivertEndpoint? TunnelEnd => (Methods & (1 << (int)ForwardingMethod.Tunnel)) == 0 ? null : Tunnel;

    /// <summary>Where a destination's tunnel ends, if it has one: IP in IP (of both families) and GRE have no ports, GUE has UDP's.</summary>
    public static DivertEndpoint TunnelEndOf(DestinationRule rule) => rule.TunnelType switch
    {
        TunnelType.Gue => new DivertEndpoint(IpProtocol.Udp, rule.Real.Address, rule.TunnelPort),
        TunnelType.Gre => new DivertEndpoint(IpProtocol.Gre, rule.Real.Address, 0),
        _ => new DivertEndpoint(IpProtocol.IpInIp, rule.Real.Address, 0),
    };

    /// <summary>The endpoint packets to a service are sent to (port 0: every port), or null for a mark service.</summary>
    public static DivertEndpoint? VirtualOf(ServiceKey key, bool hasAnyPort) =>
        key.IsMark ? null : new DivertEndpoint(key.Protocol, key.Address, hasAnyPort ? (ushort)0 : key.Port);
}
