// Reference §8.4; RFC 2003 (IPIP), RFC 2473 (IP6IP6), RFC 3168 §9.1 (ECN and tunnels).

using NetVS.Director.Connections;
using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <content>TUN: the packet travels inside another one to the real server, which answers the client itself.</content>
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

        // The offsets of an unfinished checksum could follow the inner packet, but hardware that finishes it there is rare.
        return ChecksumCompletion.TryComplete(packet.Frame[..shape.FrameLength], ref packet.Offload)
            ? Encapsulate(ref connection, hop, in next, ref packet, shape.IpOffset, shape.IpLength, now)
            : _worker.Drop(ref packet, DropReason.BadOffload);
    }

    /// <summary>Writes the outer IP header in front of a packet and sends it.</summary>
    private Verdict Encapsulate(
        ref Connection<TAddress> connection, int hop, in NextHop next, ref Packet packet, int ipOffset, int ipLength, MonotonicTime now)
    {
        int outerOffset = ipOffset - TFamily.HeaderSize;
        int start = packet.Offset + outerOffset;
        int outerLength = ipLength + TFamily.HeaderSize;
        if (start < 0 || outerLength > ushort.MaxValue) return _worker.Drop(ref packet, DropReason.NoFrameRoom);

        ReadOnlySpan<byte> inner = packet.Frame[ipOffset..];
        bool dontFragment = _settings.PmtuDisc && !TFamily.MayBeFragmented(inner);
        TFamily.WriteHeader(packet.Buffer.Slice(start, TFamily.HeaderSize), new IpHeaderFields<TAddress>
        {
            Source = connection.Local,
            Destination = connection.Real,
            Protocol = TFamily.TunnelProtocol,
            PayloadLength = ipLength,
            Tos = OuterTos(TFamily.TosOf(inner)),
            Ttl = TFamily.TtlOf(inner),

            // A packet that is never cut needs none (RFC 6864 §4.1); the kernel's tunnels say 0 then, too.
            Identification = dontFragment ? (ushort)0 : _worker.NextIdentification(),
            DontFragment = dontFragment,
        });
        int outerMtu = connection.IpMtuInbound + TFamily.HeaderSize;
        return outerLength <= outerMtu
            ? SendWhole(hop, in next, ref packet, outerOffset, outerLength, now)
            : SendFragments(hop, in next, outerMtu, ref packet, outerOffset, outerLength, now);
    }

    // RFC 3168 §9.1.1, full functionality: a mark that is already set must not be counted twice.
    private static byte OuterTos(byte innerTos) =>
        (innerTos & EcnMask) == EcnCongested ? (byte)((innerTos & ~EcnMask) | EcnCapable0) : innerTos;
}
