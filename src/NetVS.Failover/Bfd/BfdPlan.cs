using NetVS.Bfd.Machine;
using NetVS.Failover.Plan;
using NetVS.Keepalived.Model;
using NetVS.Packets;

namespace NetVS.Failover.Bfd;

/// <summary>A bfd_instance, complete: every default is filled in.</summary>
/// <param name="Options">For the state machine.</param>
/// <param name="Neighbour">The other end.</param>
/// <param name="Source">This end; none to let the system choose.</param>
/// <param name="IsMultihop">Whether the other end may be some routers away (RFC 5883): another port.</param>
/// <param name="Ttl">Time to live of its packets, and what those of the other end begin with.</param>
/// <param name="MaxHops">How many routers they may have passed; -1 for any number.</param>
/// <param name="IsForVrrp">Whether VRRP follows it.</param>
/// <param name="IsForChecks">Whether BFD_CHECKs follow it.</param>
public sealed record BfdPlan(BfdOptions Options, IpAddress Neighbour, IpAddress Source, bool IsMultihop, int Ttl, int MaxHops, bool IsForVrrp, bool IsForChecks)
{
    // What keepalived sends with (reference §5.8); RFC 5881 has 255 for both.
    private const int Ttl4 = 255, Ttl6 = 64;

    /// <summary>The port packets are sent to (RFC 5881 §4, RFC 5883 §5).</summary>
    public ushort Port => IsMultihop ? MultihopPort : SingleHopPort;

    /// <summary>The port of sessions without routers between.</summary>
    public const ushort SingleHopPort = 3784;

    /// <summary>The port of sessions with routers between.</summary>
    public const ushort MultihopPort = 4784;

    /// <summary>What makes it another session: all but its numbers.</summary>
    public (string Name, IpAddress Neighbour, IpAddress Source, bool IsMultihop, int Ttl) Identity => (Options.Name, Neighbour, Source, IsMultihop, Ttl);

    /// <summary>The plans of a configuration; what cannot be done is reported.</summary>
    public static IReadOnlyList<BfdPlan> Of(KeepalivedConfiguration configuration, PlanProblems problems)
    {
        var seen = new Dictionary<(IpAddress Neighbour, IpAddress Source, bool IsMultihop), string>();
        var plans = new List<BfdPlan>();
        foreach (BfdInstance b in configuration.BfdInstances)
        {
            bool isV6 = b.Neighbour.Family == IpFamily.V6;
            if (!b.Source.IsNone && b.Source.Family != b.Neighbour.Family)
                problems.Refuse(b.Position, $"bfd_instance {b.Name}: neighbor_ip and source_ip are of different families", "write addresses of one family");
            else if (isV6 && b.Neighbour.V6.IsLinkLocal)
                problems.Refuse(b.Position, $"bfd_instance {b.Name}: a link-local neighbor_ip is not supported", "name an address that is not link-local");
            else if (!seen.TryAdd((b.Neighbour, b.Source, b.IsMultihop), b.Name))
                problems.Refuse(b.Position, $"bfd_instance {b.Name}: {seen[(b.Neighbour, b.Source, b.IsMultihop)]} has the same neighbor_ip and source_ip", "keep one of them");
            else
                plans.Add(Of(b, isV6));
        }

        return plans;
    }

    private static BfdPlan Of(BfdInstance b, bool isV6) => new(
        new BfdOptions
        {
            Name = b.Name,
            MinTransmit = TimeSpan.FromMilliseconds(b.MinTransmit),
            MinReceive = TimeSpan.FromMilliseconds(b.MinReceive),
            IdleTransmit = TimeSpan.FromMilliseconds(b.IdleTransmit),
            Multiplier = (byte)b.Multiplier,
            IsPassive = b.IsPassive,
        },
        b.Neighbour, b.Source, b.IsMultihop, b.Ttl ?? (isV6 ? Ttl6 : Ttl4), b.MaxHops, b.IsForVrrp || !b.IsForCheckers, b.IsForCheckers || !b.IsForVrrp);
}
