using NetVS.Linux.Netlink;
using NetVS.Packets;

namespace NetVS.Linux.Vrrp;

/// <summary>A route with one next hop, several, or none (rtnetlink(7), struct rtmsg).</summary>
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

    /// <summary>Next hops among which connections are spread; none where <see cref="Gateway"/> and <see cref="InterfaceIndex"/> say it.</summary>
    public IReadOnlyList<RouteHopRequest> Hops { get; init; } = [];

    /// <summary>What is put around packets, or null.</summary>
    public RouteEncapsulation? Encapsulation { get; init; }

    /// <summary>Only for packets from this prefix, IPv6; none for all.</summary>
    public IpAddress From { get; init; }

    /// <summary>Its bits.</summary>
    public int FromLength { get; init; }

    /// <summary>The realms, from in the upper half, to in the lower; null for none.</summary>
    public uint? Realms { get; init; }

    /// <summary>The router preference (RFC 4191) as RTA_PREF has it: 0 medium, 1 high, 3 low; null for none.</summary>
    public byte? Preference { get; init; }

    /// <summary>Seconds after which the kernel removes it, IPv6; null for never.</summary>
    public uint? Expires { get; init; }

    /// <summary>TCP's congestion control; null for the system's.</summary>
    public string? CongestionControl { get; init; }

    /// <summary>Whether others for the same prefix may be there: before them, behind them, or (null) not at all.</summary>
    public bool? IsBeforeOthers { get; init; }

    internal ushort AddFlags => (ushort)(Rtnetlink.NLM_F_CREATE | IsBeforeOthers switch { true => (ushort)0, false => Rtnetlink.NLM_F_APPEND, _ => Rtnetlink.NLM_F_EXCL });

    internal void Write(NetlinkWriter w, bool isAdded)
    {
        bool isV4 = Family == IpFamily.V4;
        bool isDead = Type is Rtnetlink.RTN_BLACKHOLE or Rtnetlink.RTN_UNREACHABLE or Rtnetlink.RTN_PROHIBIT or Rtnetlink.RTN_THROW;
        byte scope = Scope ?? (isAdded && isV4 && Gateway.IsNone && Hops.Count == 0 && !isDead ? Rtnetlink.RT_SCOPE_LINK : isAdded ? Rtnetlink.RT_SCOPE_UNIVERSE : (byte)255);
        w.U8(isV4 ? Rtnetlink.AF_INET : Rtnetlink.AF_INET6).U8((byte)PrefixLength).U8((byte)FromLength).U8(Tos)
            .U8((byte)(Table < 256 ? Table : 0)).U8(Protocol).U8(scope).U8(Type).U32(IsOnLink ? Rtnetlink.RTNH_F_ONLINK : 0u);
        if (PrefixLength > 0) w.Attribute(Rtnetlink.RTA_DST, Destination);
        if (FromLength > 0) w.Attribute(Rtnetlink.RTA_SRC, From);
        if (Table >= 256) w.Attribute(Rtnetlink.RTA_TABLE, Table);
        if (!Gateway.IsNone) w.Attribute(Rtnetlink.RTA_GATEWAY, Gateway);
        if (InterfaceIndex != 0) w.Attribute(Rtnetlink.RTA_OIF, (uint)InterfaceIndex);
        if (!Source.IsNone) w.Attribute(Rtnetlink.RTA_PREFSRC, Source);
        if (Metric is { } metric) w.Attribute(Rtnetlink.RTA_PRIORITY, metric);
        if (!isAdded) return;
        if (Realms is { } realms) w.Attribute(Rtnetlink.RTA_FLOW, realms);
        if (Preference is { } preference) w.Attribute8(Rtnetlink.RTA_PREF, preference);
        if (Expires is { } expires) w.Attribute(Rtnetlink.RTA_EXPIRES, expires);
        Encapsulation?.Write(w);
        WriteHops(w);
        if (Metrics.Count == 0 && CongestionControl is null) return;
        int start = w.BeginNested(Rtnetlink.RTA_METRICS);
        if (Locked != 0) w.Attribute(Rtnetlink.RTAX_LOCK, Locked);
        foreach ((int kind, uint value) in Metrics) w.Attribute(kind, value);
        if (CongestionControl is { } name) w.Attribute(Rtnetlink.RTAX_CC_ALGO, name);
        w.EndNested(start);
    }

    private void WriteHops(NetlinkWriter w)
    {
        if (Hops.Count == 0) return;
        int start = w.BeginNested(Rtnetlink.RTA_MULTIPATH);
        foreach (RouteHopRequest hop in Hops) hop.Write(w);
        w.EndNested(start);
    }
}
