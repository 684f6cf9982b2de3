// Reference §8.4, §8.5; RFC 2003 (IPIP), RFC 2473 (in IPv6), RFC 4213 §3 (IPv6 in IPv4), RFC 3168 §9.1 (ECN and tunnels).

using NetVS.Director.Connections;
using NetVS.Director.Network;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>TUN: the packet travels inside another one to the real server, which answers the client itself.</content>
/// <remarks>
/// The packet outside is of the real server's family, whatever the one inside is of. A connection holds addresses of its own family only: where
/// the families differ, <c>Real</c> and <c>Local</c> are empty, the real server is its destination's, and the outer source is looked up for each packet.
/// What kind of tunnel it is, is asked of the rule in force, as in IPVS: an edit acts on connections that are there.
/// </remarks>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    private const int EcnMask = 3;
    private const int EcnCongested = 3;
    private const int EcnCapable0 = 2;

    private Verdict DeliverByTunnel(ref Connection<TAddress> connection, ref Packet packet, in PacketShape shape, MonotonicTime now)
    {
        int hop = HopInbound(ref connection, out NextHop next);
        if (hop == HopId.Local) return Verdict.ToStack;
        if (hop <= 0) return RefuseUnroutable(hop, ref packet, in shape, now);

        // Without path MTU discovery an IPv4 packet of any size goes in, and what comes out is fragmented.
        bool isAnySize = TFamily.Family == IpFamily.V4 && !_settings.PmtuDisc;
        int ipMtu = isAnySize ? int.MaxValue : connection.IpMtuInbound;
        if (!TryPassOnce(ipMtu, ref packet, in shape, now, out Verdict refusal)) return refusal;
        if (packet.Offload.Gso != GsoKind.None) return SendSegmentsByTunnel(ref connection, hop, in next, ref packet, in shape, now);

        // The offsets of an unfinished checksum could follow the inner packet, but hardware that finishes it there is rare: only the other end of
        // a GUE tunnel may be asked to. A packet that would not fit with the field that asks goes without.
        DestinationRule rule = _destinations[connection.DestinationIndex].Rule;
        bool isLeftOpen = TunnelHeaders.TakesRemoteChecksum(rule, in packet.Offload, shape.IpOffset) &&
            shape.IpLength + GueHeader.RemoteChecksumSize <= connection.IpMtuInbound;
        return isLeftOpen || ChecksumCompletion.TryComplete(packet.Frame[..shape.FrameLength], ref packet.Offload)
            ? Encapsulate(ref connection, rule, hop, in next, ref packet, shape.IpOffset, shape.IpLength, now)
            : _worker.Drop(ref packet, DropReason.BadOffload);
    }

    /// <summary>Writes the outer headers in front of a packet and sends it.</summary>
    private Verdict Encapsulate(
        ref Connection<TAddress> connection, DestinationRule rule, int hop, in NextHop next, ref Packet packet, int ipOffset, int ipLength,
        MonotonicTime now)
    {
        bool isLeftOpen = packet.Offload.NeedsChecksum;
        IpFamily outer = rule.Real.Address.Family;
        int outerSize = TunnelHeaders.OuterSize(outer), shim = TunnelHeaders.ShimSize(rule, isLeftOpen);
        int outerOffset = ipOffset - outerSize - shim;
        int start = packet.Offset + outerOffset;
        int outerLength = outerSize + shim + ipLength;
        if (start < 0 || outerLength > ushort.MaxValue) return _worker.Drop(ref packet, DropReason.NoFrameRoom);
        if (!TryFindOuterSource(in connection, rule, out IpAddress source)) return _worker.Drop(ref packet, DropReason.NoRoute);

        WriteShim(packet.Buffer.Slice(start + outerSize, shim + ipLength), in connection, rule, in packet.Offload, ipOffset, source);
        packet.Offload = default;
        ReadOnlySpan<byte> inner = packet.Frame[ipOffset..];
        bool dontFragment = TFamily.Family == IpFamily.V4 && _settings.PmtuDisc && !TFamily.MayBeFragmented(inner);
        WriteOuter(packet.Buffer.Slice(start, outerSize), inner, rule, source, shim + ipLength, dontFragment);
        int outerMtu = connection.IpMtuInbound + TunnelHeaders.OverheadOf(rule);
        return outerLength <= outerMtu
            ? SendWhole(hop, in next, ref packet, outerOffset, outerLength, EtherTypeOf(outer), now)
            : SendTunnelFragments(in connection, hop, in next, outerMtu, ref packet, outerOffset, outerLength, outer, now);
    }

    private void WriteShim(
        Span<byte> octets, in Connection<TAddress> connection, DestinationRule rule, in PacketOffload offload, int ipOffset, IpAddress source)
    {
        if (rule.TunnelType == TunnelType.Gre) TunnelHeaders.WriteGre(octets, rule, TFamily.Family);
        if (rule.TunnelType != TunnelType.Gue) return;
        int from = offload.ChecksumStart - ipOffset;
        uint remote = offload.NeedsChecksum ? (uint)((from << 16) | (from + offload.ChecksumOffset)) : 0;
        ushort port = TunnelHeaders.SourcePortOf(FlowHashOf(in connection));
        TunnelHeaders.WriteGue(octets, rule, TFamily.Family, port, remote, source);
    }

    private void WriteOuter(Span<byte> outer, ReadOnlySpan<byte> inner, DestinationRule rule, IpAddress source, int payloadLength, bool dontFragment)
    {
        IpProtocol protocol = TunnelHeaders.ProtocolOf(rule, TFamily.Family);
        byte tos = OuterTos(TFamily.TosOf(inner)), ttl = TFamily.TtlOf(inner);
        if (rule.Real.Address.Family == IpFamily.V6)
        {
            Ipv6Family.WriteHeader(outer, new IpHeaderFields<Ipv6Address>
            {
                Source = source.V6, Destination = rule.Real.Address.V6, Protocol = protocol, PayloadLength = payloadLength, Tos = tos, Ttl = ttl,
            });
            return;
        }

        Ipv4Family.WriteHeader(outer, new IpHeaderFields<Ipv4Address>
        {
            Source = source.V4,
            Destination = rule.Real.Address.V4,
            Protocol = protocol,
            PayloadLength = payloadLength,
            Tos = tos,
            Ttl = ttl,

            // A packet that is never cut needs none (RFC 6864 §4.1); the kernel's tunnels say 0 then, too.
            Identification = dontFragment ? (ushort)0 : _worker.NextIdentification(),
            DontFragment = dontFragment,
        });
    }

    private bool TryFindOuterSource(in Connection<TAddress> connection, DestinationRule rule, out IpAddress source)
    {
        source = TFamily.ToIpAddress(connection.Local);
        if (rule.Real.Address.Family == TFamily.Family) return true;
        int hop = LookUp(rule.Real.Address, FlowHashOf(in connection), out RouteLookup route);
        source = route.PreferredSource;
        return hop > 0 && source.Family == rule.Real.Address.Family;
    }

    /// <summary>The way into a tunnel: next hop, the largest packet inside, the outer source where the connection can hold it.</summary>
    private int LookUpTunnel(ref Connection<TAddress> connection, out int ipMtu)
    {
        DestinationRule rule = _destinations[connection.DestinationIndex].Rule;
        IpAddress real = rule.Real.Address;
        int hop = LookUp(real, FlowHashOf(in connection), out RouteLookup route);
        ipMtu = 0;
        if (hop <= 0) return hop;
        ipMtu = _worker.PathMtus.Limit(real, route.IpMtu) - TunnelHeaders.OverheadOf(rule);

        // Tunnels have no local end of their own: the field holds the outer header's source address.
        if (real.Family == TFamily.Family) connection.Local = TFamily.FromIpAddress(in route.PreferredSource);
        return ipMtu < TunnelHeaders.LeastMtu(real.Family) ? HopId.TunnelTooSmall : hop;
    }

    private static ushort EtherTypeOf(IpFamily family) => family == IpFamily.V4 ? EtherType.Ipv4 : EtherType.Ipv6;

    // RFC 3168 §9.1.1, full functionality: a mark that is already set must not be counted twice.
    private static byte OuterTos(byte innerTos) =>
        (innerTos & EcnMask) == EcnCongested ? (byte)((innerTos & ~EcnMask) | EcnCapable0) : innerTos;
}
