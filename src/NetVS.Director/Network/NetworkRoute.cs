using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>A route as it was configured.</summary>
/// <param name="Destination">The prefix's address; bits beyond the prefix are ignored.</param>
/// <param name="PrefixLength">The prefix's length, in bits.</param>
/// <param name="Hops">Where it leads; several for multipath; empty for blackhole, unreachable, prohibit and throw.</param>
public sealed record NetworkRoute(IpAddress Destination, int PrefixLength, IReadOnlyList<RouteHop> Hops)
{
    /// <summary>The table it is in: they are searched in the order local, main, default, but for IPv4's local and main (see <see cref="NetworkSnapshotBuilder.HasPolicyRules"/>).</summary>
    public RouteTableId Table { get; init; } = RouteTableId.Main;

    /// <summary>What it does with a packet; None is "throw": go on in the next table.</summary>
    public RouteKind Kind { get; init; } = RouteKind.Unicast;

    /// <summary>Among routes to one prefix the least metric wins; equal ones in the order they were added.</summary>
    public uint Metric { get; init; }

    /// <summary>The route's own limit for IP packets, in octets; 0 for the interface's.</summary>
    public int IpMtu { get; init; }

    /// <summary>The route's <c>src</c>; default where it has none.</summary>
    public IpAddress PreferredSource { get; init; }

    /// <summary>By value, hops included.</summary>
    public bool Equals(NetworkRoute? other) =>
        other is not null && Destination == other.Destination && PrefixLength == other.PrefixLength && Table == other.Table
        && Kind == other.Kind && Metric == other.Metric && IpMtu == other.IpMtu && PreferredSource == other.PreferredSource
        && Hops.SequenceEqual(other.Hops);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Destination, PrefixLength, Table, Kind, Metric, Hops.Count);
}
