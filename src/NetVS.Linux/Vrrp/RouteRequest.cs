using NetVS.Linux.Netlink;
using NetVS.Packets;

namespace NetVS.Linux.Vrrp;

/// <summary>A route with at most one next hop (rtnetlink(7), struct rtmsg).</summary>
public sealed record RouteRequest
{
    /// <summary>RTPROT_KEEPALIVED: by this number others see whose routes they are.</summary>
    public const byte ProtocolKeepalived = 18;

    /// <summary>The family.</summary>
    public required IpFamily Family { get; init; }

    /// <summary>The prefix; none for the default route.</summary>
    public IpAddress Destination { get; init; }

    /// <summary>Bits of the prefix.</summary>
    public int PrefixLength { get; init; }

    /// <summary>RTN_*: 1 unicast, 6 blackhole, 7 unreachable, 8 prohibit, 9 throw.</summary>
    public byte Type { get; init; } = Rtnetlink.RTN_UNICAST;

    /// <summary>The table.</summary>
    public uint Table { get; init; } = 254;

    /// <summary>RT_SCOPE_*; null for what fits.</summary>
    public byte? Scope { get; init; }

    /// <summary>RTPROT_*.</summary>
    public byte Protocol { get; init; } = ProtocolKeepalived;

    /// <summary>The type of service, IPv4.</summary>
    public byte Tos { get; init; }

    /// <summary>The next hop, or none.</summary>
    public IpAddress Gateway { get; init; }

    /// <summary>The interface; 0 for none.</summary>
    public int InterfaceIndex { get; init; }

    /// <summary>The preferred source, or none.</summary>
    public IpAddress Source { get; init; }

    /// <summary>The metric; null for the default.</summary>
    public uint? Metric { get; init; }

    /// <summary>The next hop is reachable on the interface although no route says so.</summary>
    public bool IsOnLink { get; init; }

    /// <summary>RTAX_*: numbers by their kind.</summary>
    public IReadOnlyList<(int Kind, uint Value)> Metrics { get; init; } = [];

    /// <summary>Bits of RTAX_* that are locked.</summary>
    public uint Locked { get; init; }

    internal void Write(NetlinkWriter w, bool isAdded)
    {
        const int RTAX_LOCK = 1;
        bool isV4 = Family == IpFamily.V4;
        bool isDead = Type is Rtnetlink.RTN_BLACKHOLE or Rtnetlink.RTN_UNREACHABLE or Rtnetlink.RTN_PROHIBIT or Rtnetlink.RTN_THROW;
        byte scope = Scope ?? (isAdded && isV4 && Gateway.IsNone && !isDead ? Rtnetlink.RT_SCOPE_LINK : isAdded ? Rtnetlink.RT_SCOPE_UNIVERSE : (byte)255);
        w.U8(isV4 ? Rtnetlink.AF_INET : Rtnetlink.AF_INET6).U8((byte)PrefixLength).U8(0).U8(Tos)
            .U8((byte)(Table < 256 ? Table : 0)).U8(Protocol).U8(scope).U8(Type).U32(IsOnLink ? Rtnetlink.RTNH_F_ONLINK : 0u);
        if (PrefixLength > 0) w.Attribute(Rtnetlink.RTA_DST, Destination);
        if (Table >= 256) w.Attribute(Rtnetlink.RTA_TABLE, Table);
        if (!Gateway.IsNone) w.Attribute(Rtnetlink.RTA_GATEWAY, Gateway);
        if (InterfaceIndex != 0) w.Attribute(Rtnetlink.RTA_OIF, (uint)InterfaceIndex);
        if (!Source.IsNone) w.Attribute(Rtnetlink.RTA_PREFSRC, Source);
        if (Metric is { } metric) w.Attribute(Rtnetlink.RTA_PRIORITY, metric);
        if (!isAdded || Metrics.Count == 0) return;
        int start = w.BeginNested(Rtnetlink.RTA_METRICS);
        if (Locked != 0) w.Attribute(RTAX_LOCK, Locked);
        foreach ((int kind, uint value) in Metrics) w.Attribute(kind, value);
        w.EndNested(start);
    }
}
