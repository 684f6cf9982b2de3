// Reference §8.1 (step 5: IPv4 without DF is fragmented on output), §8.4; RFC 791 §3.2.

using NetVS.Director.Connections;
using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>Packets that leave as several: fragments, and segments of frames that must not stay unsegmented.</content>
/// <remarks>All pieces but the last go to the sink, in order; the last takes the packet's own place and so leaves behind them.</remarks>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    private Verdict SendLarge(int hop, in NextHop next, int ipMtu, ref Packet packet, in PacketShape shape, MonotonicTime now)
    {
        if (packet.Offload.Gso == GsoKind.None) return SendFragments(hop, in next, ipMtu, ref packet, shape.IpOffset, shape.IpLength, now);
        int excess = LargestIpLength(in packet, in shape) - ipMtu;
        if (excess <= 0) return SendWhole(hop, in next, ref packet, shape.IpOffset, shape.IpLength, now);

        // The size of TCP segments is nobody's promise: without DF, smaller ones are better than fragments of larger ones.
        if (packet.Offload.Gso != GsoKind.UdpL4 && packet.Offload.GsoSize > excess)
        {
            packet.Offload.GsoSize = (ushort)(packet.Offload.GsoSize - excess);
            return SendWhole(hop, in next, ref packet, shape.IpOffset, shape.IpLength, now);
        }

        if (Segmenter.Create(packet.Frame, in packet.Offload, out Segmenter segmenter) != SegmenterError.None)
            return _worker.Drop(ref packet, DropReason.BadOffload);
        PieceBuffers buffers = _worker.Pieces;
        int count = segmenter.Count;
        for (int i = 0; segmenter.TryWriteNext(buffers.Segment.AsSpan(Packet.Headroom), out int length); i++)
        {
            Packet segment = SegmentPacket(in packet, buffers, length);
            Verdict verdict = SendFragments(hop, in next, ipMtu, ref segment, shape.IpOffset, length - shape.IpOffset, now);
            if (i == count - 1) return TakePlace(ref packet, segment.Frame, segment.TransmitInterface, segment.NextHop, segment.Reason, verdict);
            if (!TryEmit(ref segment, verdict)) return _worker.Drop(ref packet, DropReason.NoFrameRoom);
        }

        return _worker.Drop(ref packet, DropReason.BadOffload);
    }

    /// <summary>Sends an IPv4 packet, in fragments if it exceeds the IP MTU.</summary>
    private Verdict SendFragments(int hop, in NextHop next, int ipMtu, ref Packet packet, int ipOffset, int ipLength, MonotonicTime now)
    {
        if (!ChecksumCompletion.TryComplete(packet.Frame[..(ipOffset + ipLength)], ref packet.Offload)) return _worker.Drop(ref packet, DropReason.BadOffload);
        Verdict verdict = SendWhole(hop, in next, ref packet, ipOffset, ipLength, now);
        if (verdict == Verdict.Drop || ipLength <= ipMtu) return verdict;
        if (_worker.Sink is not { } sink) return _worker.Drop(ref packet, DropReason.NoFrameRoom);
        return Ipv4Fragmenter.Create(packet.Frame, ipMtu, out Ipv4Fragmenter fragmenter) == FragmenterError.None
            ? EmitPieces(ref fragmenter, sink, ref packet, verdict)
            : _worker.Drop(ref packet, DropReason.PacketTooBig);
    }

    /// <summary>Sends a tunnel's packet that exceeds the IP MTU: what went in may be cut, so may what came out (reference §8.4).</summary>
    private Verdict SendTunnelFragments(
        in Connection<TAddress> connection, int hop, in NextHop next, int ipMtu, ref Packet packet, int ipOffset, int ipLength, IpFamily outer,
        MonotonicTime now)
    {
        Verdict verdict = SendWhole(hop, in next, ref packet, ipOffset, ipLength, EtherTypeOf(outer), now);
        if (verdict == Verdict.Drop) return verdict;
        if (_worker.Sink is not { } sink) return _worker.Drop(ref packet, DropReason.NoFrameRoom);
        if (outer == IpFamily.V4)
        {
            return Ipv4Fragmenter.Create(packet.Frame, ipMtu, out Ipv4Fragmenter fragmenter) == FragmenterError.None
                ? EmitPieces(ref fragmenter, sink, ref packet, verdict)
                : _worker.Drop(ref packet, DropReason.PacketTooBig);
        }

        // RFC 7739: no identification that outsiders can guess. The high half is keyed by the flow, the low half counts.
        uint identification = (FlowHashOf(in connection) << 16) | _worker.NextIdentification();
        return Ipv6Fragmenter.Create(packet.Frame, ipMtu, identification, out Ipv6Fragmenter pieces) == FragmenterError.None
            ? EmitPieces(ref pieces, sink, ref packet, verdict)
            : _worker.Drop(ref packet, DropReason.PacketTooBig);
    }

    private Verdict EmitPieces<TFragmenter>(scoped ref TFragmenter fragmenter, IFrameSink sink, ref Packet packet, Verdict verdict)
        where TFragmenter : struct, IFragmenter, allows ref struct
    {
        // A fragment is only known to be the last when there is no other: it is held back until then.
        byte[] ready = _worker.Pieces.First, free = _worker.Pieces.Second;
        int readyLength = 0;
        Packet piece = packet;
        while (fragmenter.TryWriteNext(free.AsSpan(Packet.Headroom), out int length))
        {
            if (readyLength > 0)
            {
                piece.Buffer = ready;
                piece.Offset = Packet.Headroom;
                piece.Length = readyLength;
                sink.Emit(ref piece, verdict);
            }

            (ready, free) = (free, ready);
            readyLength = length;
        }

        packet.Length = readyLength;
        ready.AsSpan(Packet.Headroom, readyLength).CopyTo(packet.Frame);
        return verdict;
    }

    /// <summary>Cuts an unsegmented frame and sends every segment through the connection's tunnel.</summary>
    private Verdict SendSegmentsByTunnel(
        ref Connection<TAddress> connection, int hop, in NextHop next, ref Packet packet, in PacketShape shape, MonotonicTime now)
    {
        if (Segmenter.Create(packet.Frame, in packet.Offload, out Segmenter segmenter) != SegmenterError.None)
            return _worker.Drop(ref packet, DropReason.BadOffload);
        DestinationRule rule = _destinations[connection.DestinationIndex].Rule;
        PieceBuffers buffers = _worker.Pieces;
        int count = segmenter.Count;
        for (int i = 0; segmenter.TryWriteNext(buffers.Segment.AsSpan(Packet.Headroom), out int length); i++)
        {
            Packet segment = SegmentPacket(in packet, buffers, length);
            Verdict verdict = Encapsulate(ref connection, rule, hop, in next, ref segment, shape.IpOffset, length - shape.IpOffset, now);
            if (i == count - 1) return TakePlace(ref packet, segment.Frame, segment.TransmitInterface, segment.NextHop, segment.Reason, verdict);
            if (!TryEmit(ref segment, verdict)) return _worker.Drop(ref packet, DropReason.NoFrameRoom);
        }

        return _worker.Drop(ref packet, DropReason.BadOffload);
    }

    private static Packet SegmentPacket(in Packet packet, PieceBuffers buffers, int length)
    {
        Packet segment = packet;
        segment.Buffer = buffers.Segment;
        segment.Offset = Packet.Headroom;
        segment.Length = length;
        segment.Offload = default;
        return segment;
    }

    private bool TryEmit(ref Packet piece, Verdict verdict)
    {
        if (verdict == Verdict.Drop) return true;
        if (_worker.Sink is not { } sink) return false;
        sink.Emit(ref piece, verdict);
        return true;
    }

    /// <summary>Puts the last piece, a finished frame, into the buffer of the packet it came from.</summary>
    private Verdict TakePlace(
        ref Packet packet, scoped ReadOnlySpan<byte> frame, int transmitInterface, int nextHop, DropReason reason, Verdict verdict)
    {
        packet.Reason = reason;
        if (verdict == Verdict.Drop) return verdict;
        if (frame.Length > packet.Buffer.Length) return _worker.Drop(ref packet, DropReason.NoFrameRoom);
        packet.Offset = Math.Min(Packet.Headroom, packet.Buffer.Length - frame.Length);
        packet.Length = frame.Length;
        packet.Offload = default;
        packet.TransmitInterface = transmitInterface;
        packet.NextHop = nextHop;
        frame.CopyTo(packet.Frame);
        return verdict;
    }
}
