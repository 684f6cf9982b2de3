using NetVS.Linux.Netlink;
using NetVS.Packets;

namespace NetVS.Linux.Vrrp;

/// <summary>One of several next hops of a route (struct rtnexthop).</summary>
public sealed record RouteHopRequest
{
    /// <summary>The next hop, or none where it is the interface alone.</summary>
    public IpAddress Gateway { get; init; }

    /// <summary>The interface; 0 for the one that leads to the next hop.</summary>
    public int InterfaceIndex { get; init; }

    /// <summary>Its share, 1 to 256.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>The next hop is reachable on the interface although no route says so.</summary>
    public bool IsOnLink { get; init; }

    /// <summary>The realms; null for none.</summary>
    public uint? Realms { get; init; }

    /// <summary>What is put around packets, or null.</summary>
    public RouteEncapsulation? Encapsulation { get; init; }

    // Length (2), flags (1), weight less one (1), interface (4), attributes.
    internal void Write(NetlinkWriter w)
    {
        int start = w.BeginSized();
        w.U8(IsOnLink ? Rtnetlink.RTNH_F_ONLINK : (byte)0).U8((byte)(Weight - 1)).U32((uint)InterfaceIndex);
        if (!Gateway.IsNone) w.Attribute(Rtnetlink.RTA_GATEWAY, Gateway);
        if (Realms is { } realms) w.Attribute(Rtnetlink.RTA_FLOW, realms);
        Encapsulation?.Write(w);
        w.EndNested(start);
    }
}
