using NetVS.Director.Marks;
using NetVS.Packets;

namespace NetVS.Director.Services;

/// <summary>Which packets the director must see. Everything else stays with the kernel.</summary>
/// <param name="Virtuals">
/// Packets to one of these (port 0: every port), ICMP errors and fragments to one of their addresses. It includes services
/// that are deleted but still have connections.
/// </param>
/// <param name="Reals">
/// Packets from one of these (NAT and FULLNAT destinations; port 0: every port), and ICMP errors about packets to them, unless
/// they go to an address of the director that is not in <paramref name="LocalAddresses"/>.
/// </param>
/// <param name="TunnelReals">
/// TUN destinations: ICMP errors about our outer packets to them. IP in IP of either family is protocol 4, GUE is UDP with its port.
/// </param>
/// <param name="LocalAddresses">FULLNAT local addresses.</param>
public sealed record DivertRules(
    IReadOnlySet<DivertEndpoint> Virtuals,
    IReadOnlySet<DivertEndpoint> Reals,
    IReadOnlySet<DivertEndpoint> TunnelReals,
    IReadOnlySet<IpAddress> LocalAddresses)
{
    /// <summary>
    /// Packets to marked ports of these, by the longest prefix, with ICMP errors and fragments to any of their addresses. The same list until it changes.
    /// </summary>
    public IReadOnlyList<MarkedNetwork> Marked { get; init; } = [];
}
