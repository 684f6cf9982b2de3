// RFC 9293 §3.5.2 (what a reset says), §3.10.7.4; RFC 5961 §3.2 (which one is accepted).

using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <content>TCP resets of the director's own.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    /// <summary>Drops a segment, counts why, and puts the reset that tells its sender in its place.</summary>
    /// <remarks>
    /// The number is the one that the segment says its sender expects next: exact, as RFC 5961 §3.2 wants it. A SYN is answered by
    /// the acknowledgment of itself.
    /// </remarks>
    private Verdict RefuseByReset(ref Packet packet, in PacketShape shape, DropReason reason, MonotonicTime now)
    {
        _worker.Drop(ref packet, reason);
        if (!TryReadSegment(in packet, in shape, out TcpSegmentNumbers<TAddress> segment)) return Verdict.Drop;
        int hop = LookUp(segment.Source, 0, out _);
        if (hop <= 0) return Verdict.Drop;
        NextHop next = _worker.NextHops.Read(hop);
        WriteReset(packet.Frame[shape.IpOffset..], segment.Target, segment.TargetPort, segment.Source, segment.SourcePort, segment.ResetNumber, segment.ResetAcknowledgment);
        packet.Offload = default;
        _worker.Count(ForwardingEvent.ResetSent);
        Verdict verdict = SendWhole(hop, in next, ref packet, shape.IpOffset, TFamily.HeaderSize + TcpHeader.Size, now);
        packet.Reason = reason;
        return verdict;
    }

    /// <summary>Reads what a reset must say to a segment's sender, or to whoever it was meant for.</summary>
    /// <returns>False for a reset, for one without its whole header, one that is damaged, and one from an address that cannot be a sender's.</returns>
    private static bool TryReadSegment(in Packet packet, in PacketShape shape, out TcpSegmentNumbers<TAddress> segment)
    {
        segment = default;
        ReadOnlySpan<byte> frame = packet.Frame;
        if (shape.IsFragment || shape.Protocol != IpProtocol.Tcp || shape.L4Length < TcpHeader.Size || (frame[0] & 1) != 0) return false;
        ReadOnlySpan<byte> ip = frame[shape.IpOffset..];
        ref readonly TcpHeader tcp = ref WireView.ReadAt<TcpHeader>(frame.Slice(shape.L4Offset, shape.L4Length), 0);
        TAddress source = TFamily.SourceOf(ip);
        if ((tcp.Flags & TcpFlags.Rst) != 0 || !TFamily.IsPossibleSource(source)) return false;
        if (!packet.Offload.NeedsChecksum && !L4Checksum.Verify(frame, in shape)) return false;
        segment = new TcpSegmentNumbers<TAddress>
        {
            Source = source,
            Target = TFamily.DestinationOf(ip),
            SourcePort = tcp.SourcePort.Host,
            TargetPort = tcp.DestinationPort.Host,
            Sequence = tcp.Sequence.Host,
            Acknowledgment = tcp.Acknowledgment.Host,
            Flags = tcp.Flags,
            Length = (uint)(shape.L4Length - tcp.HeaderLength),
        };
        return true;
    }

    /// <summary>Writes an IP packet that is a reset.</summary>
    /// <param name="ip">Where it is written.</param>
    /// <param name="source">Who it is from.</param>
    /// <param name="sourcePort">Its port.</param>
    /// <param name="target">Who it is to.</param>
    /// <param name="targetPort">Its port.</param>
    /// <param name="number">Its sequence number.</param>
    /// <param name="acknowledgment">What it acknowledges; null for nothing.</param>
    private void WriteReset(Span<byte> ip, TAddress source, ushort sourcePort, TAddress target, ushort targetPort, uint number, uint? acknowledgment) =>
        WriteBareSegment(ip, source, sourcePort, target, targetPort, number, acknowledgment ?? 0, acknowledgment is null ? TcpFlags.Rst : TcpFlags.Rst | TcpFlags.Ack);

    private void WriteBareSegment(
        Span<byte> ip, TAddress source, ushort sourcePort, TAddress target, ushort targetPort, uint number, uint acknowledgment, TcpFlags flags)
    {
        TFamily.WriteHeader(ip, new IpHeaderFields<TAddress>
        {
            Source = source,
            Destination = target,
            Protocol = IpProtocol.Tcp,
            PayloadLength = TcpHeader.Size,
            Ttl = OwnTtl,
            Identification = _worker.NextIdentification(),
            DontFragment = true,
        });
        Span<byte> l4 = ip.Slice(TFamily.HeaderSize, TcpHeader.Size);
        ref TcpHeader tcp = ref WireView.At<TcpHeader>(l4, 0);
        tcp = default;
        tcp.SourcePort.Host = sourcePort;
        tcp.DestinationPort.Host = targetPort;
        tcp.Sequence.Host = number;
        tcp.Acknowledgment.Host = acknowledgment;
        tcp.DataOffsetAndReserved = TcpHeader.Size / 4 << 4;
        tcp.Flags = flags;
        ushort pseudoHeader = PseudoHeader.Sum(TFamily.ToIpAddress(source), TFamily.ToIpAddress(target), IpProtocol.Tcp, TcpHeader.Size);
        L4Checksum.WriteComplete(IpProtocol.Tcp, l4, pseudoHeader);
    }
}
