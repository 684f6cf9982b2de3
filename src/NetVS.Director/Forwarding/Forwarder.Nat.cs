// Reference §8.2; RFC 1624 (incremental checksums).

using System.Runtime.InteropServices;
using NetVS.Director.Connections;
using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <content>NAT, and DR, which is NAT without the rewriting.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    private Verdict DeliverByNat(
        ref Connection<TAddress> connection, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now)
    {
        int hop = HopInbound(ref connection, out NextHop next);
        if (hop <= 0 && hop != HopId.Local) return RefuseUnroutable(hop, ref packet, in shape, now);
        if (hop != HopId.Local && !TryPassOnce(connection.IpMtuInbound, ref packet, in shape, now, out Verdict refusal)) return refusal;

        if (!KeepsSctpChecksum(in packet, in shape, connection.RealPort == ends.DestinationPort, out DropReason reason)) return _worker.Drop(ref packet, reason);
        Span<byte> frame = packet.Frame;
        ChecksumDelta pseudoHeader = TFamily.RewriteDestination(frame[shape.IpOffset..], connection.Real);
        if (ends.HasL4)
        {
            Span<byte> l4 = frame.Slice(shape.L4Offset, shape.L4Length);
            ref L4Ports ports = ref MemoryMarshal.AsRef<L4Ports>(l4);
            var segment = ChecksumDelta.Replace(ends.DestinationPort, connection.RealPort);
            ports.Destination.Host = connection.RealPort;
            RepairL4(frame, l4, in packet.Offload, in shape, pseudoHeader, segment, connection.RealPort == ends.DestinationPort);
        }

        return hop == HopId.Local
            ? Verdict.ToStack
            : Send(hop, in next, connection.IpMtuInbound, ref packet, in shape, now);
    }

    private Verdict ReturnByNat(
        ref Connection<TAddress> connection, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now)
    {
        int hop = HopOutbound(ref connection, out NextHop next);
        if (hop <= 0 && hop != HopId.Local) return RefuseUnroutable(hop, ref packet, in shape, now);

        if (IsForwarded(in connection, hop, in packet) && !TryPassOnce(connection.IpMtuOutbound, ref packet, in shape, now, out Verdict refusal)) return refusal;

        if (!KeepsSctpChecksum(in packet, in shape, connection.VirtualPort == ends.SourcePort, out DropReason reason)) return _worker.Drop(ref packet, reason);
        Span<byte> frame = packet.Frame;
        ChecksumDelta pseudoHeader = TFamily.RewriteSource(frame[shape.IpOffset..], connection.Virtual);
        if (ends.HasL4)
        {
            Span<byte> l4 = frame.Slice(shape.L4Offset, shape.L4Length);
            ref L4Ports ports = ref MemoryMarshal.AsRef<L4Ports>(l4);
            var segment = ChecksumDelta.Replace(ends.SourcePort, connection.VirtualPort);
            ports.Source.Host = connection.VirtualPort;
            RepairL4(frame, l4, in packet.Offload, in shape, pseudoHeader, segment, connection.VirtualPort == ends.SourcePort);
        }

        return hop == HopId.Local
            ? Verdict.ToStack
            : Send(hop, in next, connection.IpMtuOutbound, ref packet, in shape, now);
    }

    /// <summary>
    /// Whether a reply passes the director as a router: then one is taken from its TTL, and it must fit. A local real server's reply, and
    /// one for the director itself, do not.
    /// </summary>
    private static bool IsForwarded(in Connection<TAddress> connection, int hop, in Packet packet) =>
        hop != HopId.Local && packet.ReceiveInterface != Packet.FromStack && connection.NextHopInbound != HopId.Local;

    private Verdict DeliverDirectly(ref Connection<TAddress> connection, ref Packet packet, in PacketShape shape, MonotonicTime now)
    {
        int hop = HopInbound(ref connection, out NextHop next);
        if (hop == HopId.Local) return Verdict.ToStack;
        if (hop <= 0) return RefuseUnroutable(hop, ref packet, in shape, now);
        return TryPassOnce(connection.IpMtuInbound, ref packet, in shape, now, out Verdict refusal)
            ? Send(hop, in next, connection.IpMtuInbound, ref packet, in shape, now)
            : refusal;
    }

    /// <summary>Keeps the L4 checksum right after addresses and ports changed.</summary>
    private static void RepairL4(
        Span<byte> frame, Span<byte> l4, in PacketOffload offload, in PacketShape shape, ChecksumDelta pseudoHeader, ChecksumDelta segment,
        bool keepsPorts = false)
    {
        if (shape.Protocol == IpProtocol.Tcp)
        {
            ref TcpHeader tcp = ref MemoryMarshal.AsRef<TcpHeader>(l4);
            L4Checksum.Replace(ref tcp.Checksum, in offload, pseudoHeader, segment);
            return;
        }

        if (shape.Protocol == IpProtocol.Sctp)
        {
            if (!keepsPorts) SctpChecksum.Write(l4);
            return;
        }

        ref UdpHeader udp = ref MemoryMarshal.AsRef<UdpHeader>(l4);

        // Reference §8.2: a datagram without a checksum gets one. A first fragment cannot: its octets are not all here, and
        // RFC 768 lets it go on without.
        if (!L4Checksum.ReplaceUdp(ref udp.Checksum, in offload, pseudoHeader, segment) && !shape.IsFragment)
            L4Checksum.WriteComplete(frame, in shape);
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct L4Ports
    {
        public U16Be Source;
        public U16Be Destination;
    }
}
