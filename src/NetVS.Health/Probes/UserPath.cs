using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Health.Probes;

/// <summary>The way of the users' packets to a real server that has the virtual address itself: DR, or TUN.</summary>
/// <param name="Virtual">The virtual address.</param>
/// <param name="Real">The real server's own address, of the same family.</param>
/// <param name="Tunnel">The encapsulation; null for DR.</param>
/// <param name="TunnelPort">The port of GUE, host order; 0 without it.</param>
public sealed record UserPath(IpAddress Virtual, IpAddress Real, TunnelType? Tunnel, ushort TunnelPort = 0)
{
    /// <summary>For a check's target: "192.0.2.1 by DR".</summary>
    public override string ToString() => $"{Virtual} by {Tunnel?.ToString().ToLowerInvariant() ?? "DR"}";
}
