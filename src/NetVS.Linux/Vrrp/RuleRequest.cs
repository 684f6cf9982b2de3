using NetVS.Linux.Netlink;
using NetVS.Packets;

namespace NetVS.Linux.Vrrp;

/// <summary>A policy routing rule that looks a table up, or ends the search (linux/fib_rules.h).</summary>
public sealed record RuleRequest
{
    /// <summary>The family.</summary>
    public required IpFamily Family { get; init; }

    /// <summary>The source prefix; none for all.</summary>
    public IpAddress From { get; init; }

    /// <summary>Its bits.</summary>
    public int FromLength { get; init; }

    /// <summary>The destination prefix; none for all.</summary>
    public IpAddress To { get; init; }

    /// <summary>Its bits.</summary>
    public int ToLength { get; init; }

    /// <summary>FR_ACT_*: 1 table, 6 blackhole, 7 unreachable, 8 prohibit.</summary>
    public byte Action { get; init; } = 1;

    /// <summary>The table.</summary>
    public uint Table { get; init; } = 254;

    /// <summary>Its place.</summary>
    public uint Preference { get; init; }

    /// <summary>The type of service.</summary>
    public byte Tos { get; init; }

    /// <summary>The firewall mark; null for any.</summary>
    public uint? Mark { get; init; }

    /// <summary>Its mask.</summary>
    public uint MarkMask { get; init; } = uint.MaxValue;

    /// <summary>The interface it came in on, or null.</summary>
    public string? InputInterface { get; init; }

    /// <summary>The interface it leaves by, or null.</summary>
    public string? OutputInterface { get; init; }

    /// <summary>The rule is for everything else.</summary>
    public bool IsInverted { get; init; }

    internal void Write(NetlinkWriter w)
    {
        const int FRA_DST = 1, FRA_SRC = 2, FRA_IIFNAME = 3, FRA_FWMARK = 10, FRA_FWMASK = 16, FRA_OIFNAME = 17;
        const uint FIB_RULE_INVERT = 2;

        // struct fib_rule_hdr: family, lengths of destination and source, tos, table, two reserved, action, flags.
        w.U8(Family == IpFamily.V4 ? Rtnetlink.AF_INET : Rtnetlink.AF_INET6).U8((byte)ToLength).U8((byte)FromLength).U8(Tos)
            .U8((byte)(Table < 256 ? Table : 0)).U8(0).U8(0).U8(Action).U32(IsInverted ? FIB_RULE_INVERT : 0);
        if (!To.IsNone && ToLength > 0) w.Attribute(FRA_DST, To);
        if (!From.IsNone && FromLength > 0) w.Attribute(FRA_SRC, From);
        w.Attribute(Rtnetlink.FRA_PRIORITY, Preference);
        if (Action == 1) w.Attribute(Rtnetlink.FRA_TABLE, Table);
        if (Mark is { } mark) w.Attribute(FRA_FWMARK, mark).Attribute(FRA_FWMASK, MarkMask);
        if (InputInterface is { } input) w.Attribute(FRA_IIFNAME, input);
        if (OutputInterface is { } output) w.Attribute(FRA_OIFNAME, output);
        w.Attribute8(Rtnetlink.FRA_PROTOCOL, RouteRequest.ProtocolKeepalived);
    }
}
