using System.Buffers.Binary;
using NetVS.Linux.Netlink;
using NetVS.Packets;

namespace NetVS.Linux.Vrrp;

/// <summary>What a route puts around packets: a tunnel's header for the interface to make (encap ip, ip6), or labels (encap mpls). linux/lwtunnel.h.</summary>
public sealed record RouteEncapsulation
{
    /// <summary>LWTUNNEL_ENCAP_MPLS.</summary>
    public const ushort Mpls = 1;

    /// <summary>LWTUNNEL_ENCAP_IP.</summary>
    public const ushort Ip = 2;

    /// <summary>LWTUNNEL_ENCAP_IP6.</summary>
    public const ushort Ip6 = 4;

    /// <summary>Which of them.</summary>
    public required ushort Kind { get; init; }

    /// <summary>The tunnel's key; null for none.</summary>
    public ulong? Id { get; init; }

    /// <summary>The tunnel's other end, or none.</summary>
    public IpAddress Destination { get; init; }

    /// <summary>The tunnel's own end, or none.</summary>
    public IpAddress Source { get; init; }

    /// <summary>TTL or hop limit, of labels too; null for the default.</summary>
    public byte? Ttl { get; init; }

    /// <summary>TOS or traffic class; null for the default.</summary>
    public byte? Tos { get; init; }

    /// <summary>The labels, the outermost first; 20 bits each.</summary>
    public IReadOnlyList<uint> Labels { get; init; } = [];

    internal void Write(NetlinkWriter w)
    {
        const int LWTUNNEL_IP_ID = 1, LWTUNNEL_IP_DST = 2, LWTUNNEL_IP_SRC = 3, LWTUNNEL_IP_TTL = 4, LWTUNNEL_IP_TOS = 5;
        const int MPLS_IPTUNNEL_DST = 1, MPLS_IPTUNNEL_TTL = 2;
        w.Attribute16(Rtnetlink.RTA_ENCAP_TYPE, Kind);
        int start = w.BeginNested(Rtnetlink.RTA_ENCAP);
        if (Kind == Mpls)
        {
            // RFC 3032 §2.1: label, three bits of class, the bottom of the stack, TTL.
            byte[] stack = new byte[4 * Labels.Count];
            for (int i = 0; i < Labels.Count; i++) BinaryPrimitives.WriteUInt32BigEndian(stack.AsSpan(4 * i), (Labels[i] << 12) | (i == Labels.Count - 1 ? 0x100u : 0));
            w.Attribute(MPLS_IPTUNNEL_DST, stack);
            if (Ttl is { } labelTtl) w.Attribute8(MPLS_IPTUNNEL_TTL, labelTtl);
        }
        else
        {
            if (Id is { } id)
            {
                byte[] key = new byte[sizeof(ulong)];
                BinaryPrimitives.WriteUInt64BigEndian(key, id);
                w.Attribute(LWTUNNEL_IP_ID, key);
            }

            if (!Destination.IsNone) w.Attribute(LWTUNNEL_IP_DST, Destination);
            if (!Source.IsNone) w.Attribute(LWTUNNEL_IP_SRC, Source);
            if (Ttl is { } ttl) w.Attribute8(LWTUNNEL_IP_TTL, ttl);
            if (Tos is { } tos) w.Attribute8(LWTUNNEL_IP_TOS, tos);
        }

        w.EndNested(start);
    }
}
