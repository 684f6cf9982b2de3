// Reference §8.1, the steps common to all methods.

using NetVS.Director.Connections;
using NetVS.Director.Icmp;
using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>The way to the real server and back to the client, cached in the connection.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    /// <summary>The next hop towards the real server: an id and its reading, or one of <see cref="HopId"/>.</summary>
    private int HopInbound(ref Connection<TAddress> connection, out NextHop next)
    {
        int version = _worker.RouteVersion;
        int hop = connection.NetworkVersion == version ? connection.NextHopInbound : HopId.Unknown;
        if (hop == HopId.Unknown) hop = LookUpInbound(ref connection, version);
        next = _worker.NextHops.Read(hop);
        return next.State == NextHopState.Failed && hop > 0 ? FindOtherHopInbound(ref connection, version, out next) : hop;
    }

    /// <summary>The next hop towards the client: an id and its reading, or one of <see cref="HopId"/>.</summary>
    private int HopOutbound(ref Connection<TAddress> connection, out NextHop next)
    {
        int version = _worker.RouteVersion;
        int hop = connection.NetworkVersion == version ? connection.NextHopOutbound : HopId.Unknown;
        if (hop == HopId.Unknown) hop = LookUpOutbound(ref connection, version);
        next = _worker.NextHops.Read(hop);
        return next.State == NextHopState.Failed && hop > 0 ? FindOtherHopOutbound(ref connection, version, out next) : hop;
    }

    // A next hop that failed is looked up once more: another hop of the same route may live.
    private int FindOtherHopInbound(ref Connection<TAddress> connection, int version, out NextHop next)
    {
        int hop = LookUpInbound(ref connection, version);
        next = _worker.NextHops.Read(hop);
        return next.State == NextHopState.Failed && hop > 0 ? HopId.Failed : hop;
    }

    private int FindOtherHopOutbound(ref Connection<TAddress> connection, int version, out NextHop next)
    {
        int hop = LookUpOutbound(ref connection, version);
        next = _worker.NextHops.Read(hop);
        return next.State == NextHopState.Failed && hop > 0 ? HopId.Failed : hop;
    }

    private int LookUpInbound(ref Connection<TAddress> connection, int version)
    {
        ForgetOutdated(ref connection, version);
        int hop, ipMtu;
        if (connection.Method == ForwardingMethod.Tunnel)
        {
            hop = LookUpTunnel(ref connection, out ipMtu);
        }
        else
        {
            TAddress target = connection.Method == ForwardingMethod.Bypass ? connection.Virtual : connection.Real;
            hop = LookUp(target, FlowHashOf(in connection), out RouteLookup route);
            ipMtu = route.IpMtu;
        }

        connection.IpMtuInbound = (ushort)Math.Clamp(ipMtu, 0, ushort.MaxValue);
        connection.NextHopInbound = hop;
        return hop;
    }

    private int LookUpOutbound(ref Connection<TAddress> connection, int version)
    {
        ForgetOutdated(ref connection, version);
        int hop = LookUp(connection.Client, FlowHashOf(in connection), out RouteLookup route);
        connection.IpMtuOutbound = (ushort)Math.Clamp(route.IpMtu, 0, ushort.MaxValue);
        connection.NextHopOutbound = hop;
        return hop;
    }

    // The version is read before the look-up, so that a change in between leaves a stale mark, never a stale route.
    private static void ForgetOutdated(ref Connection<TAddress> connection, int version)
    {
        if (connection.NetworkVersion == version) return;
        connection.NetworkVersion = version;
        connection.NextHopInbound = HopId.Unknown;
        connection.NextHopOutbound = HopId.Unknown;
    }

    private int LookUp(TAddress address, uint flowHash, out RouteLookup route) => LookUp(TFamily.ToIpAddress(address), flowHash, out route);

    private int LookUp(IpAddress address, uint flowHash, out RouteLookup route)
    {
        if (!_worker.Network.TryFindRoute(address, flowHash, out route)) return HopId.NoRoute;
        return route.Kind switch
        {
            RouteKind.Unicast => route.NextHop,
            RouteKind.Local => HopId.Local,
            RouteKind.Blackhole => HopId.Blackhole,
            RouteKind.Prohibit => HopId.Prohibited,
            _ => HopId.NoRoute,
        };
    }

    private uint FlowHashOf(in Connection<TAddress> connection) =>
        unchecked((uint)_connections.HashOf(connection.Protocol, connection.Client, connection.ClientPort));

    /// <summary>Refuses a packet that cannot be routed, as <see cref="HopId"/> says why.</summary>
    private Verdict RefuseUnroutable(int hop, ref Packet packet, in PacketShape shape, MonotonicTime now) => hop switch
    {
        HopId.Blackhole => _worker.Drop(ref packet, DropReason.RouteBlackhole),
        HopId.Prohibited => Refuse(ref packet, in shape, DropReason.RouteProhibited, IcmpReason.Prohibited, 0, default, now),
        HopId.Failed => Refuse(ref packet, in shape, DropReason.NextHopUnreachable, IcmpReason.HostUnreachable, 0, default, now),
        HopId.TunnelTooSmall => _worker.Drop(ref packet, DropReason.TunnelMtuTooSmall),
        _ => Refuse(ref packet, in shape, DropReason.NoRoute, IcmpReason.HostUnreachable, 0, default, now),
    };

    /// <summary>TTL and IP MTU (reference §8.1, steps 4 and 5); takes one from the TTL.</summary>
    /// <param name="ipMtu">The largest IP packet that may be sent, in octets.</param>
    /// <param name="packet">The packet.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="now">The time.</param>
    /// <param name="refusal">What became of the packet, when false is returned.</param>
    private bool TryPassOnce(int ipMtu, ref Packet packet, in PacketShape shape, MonotonicTime now, out Verdict refusal)
    {
        Span<byte> ip = packet.Frame[shape.IpOffset..];
        if (TFamily.TtlOf(ip) <= 1)
        {
            refusal = Refuse(ref packet, in shape, DropReason.TtlExpired, IcmpReason.TimeExceeded, 0, default, now);
            return false;
        }

        TFamily.DecrementTtl(ip);
        if (LargestIpLength(in packet, in shape) > ipMtu && !TFamily.MayBeFragmented(ip))
        {
            refusal = RefuseTooBig(ref packet, in shape, ipMtu, now);
            return false;
        }

        refusal = default;
        return true;
    }

    private Verdict RefuseTooBig(ref Packet packet, in PacketShape shape, int ipMtu, MonotonicTime now) =>
        Refuse(ref packet, in shape, DropReason.PacketTooBig, IcmpReason.TooBig, (uint)ipMtu, default, now);

    /// <summary>Octets of the IP packet; of an unsegmented frame, of each segment it will become.</summary>
    private static int LargestIpLength(in Packet packet, in PacketShape shape) =>
        packet.Offload.Gso == GsoKind.None
            ? shape.IpLength
            : OffloadShape.SegmentIpLength(packet.Frame, in shape, packet.Offload.GsoSize);

    /// <summary>Hands a packet that is none of the director's business to where it was going.</summary>
    /// <remarks>What came in from a link is for the stack; what the stack itself sent goes on to the link it was meant for.</remarks>
    private Verdict PassOn(ref Packet packet, in PacketShape shape, MonotonicTime now)
    {
        if (packet.ReceiveInterface != Packet.FromStack) return Verdict.ToStack;
        int hop = LookUp(TFamily.DestinationOf(packet.Frame[shape.IpOffset..]), 0, out RouteLookup route);
        if (hop == HopId.Local) return Verdict.ToStack;
        if (hop <= 0) return _worker.Drop(ref packet, DropReason.NoRoute);
        NextHop next = _worker.NextHops.Read(hop);
        return Send(hop, in next, route.IpMtu, ref packet, in shape, now);
    }
}
