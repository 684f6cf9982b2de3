// Reference §6.3, §8.2; RFC 9260 §3.1, §6.8 (the checksum), RFC 3309.

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using NetVS.Director.Connections;
using NetVS.Director.Protocols;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <content>SCTP: ports as TCP's, states of its own, and a checksum that no change of a part can be added to.</content>
/// <remarks>
/// The CRC32c covers the ports and the chunks, not the addresses. So it stays as it is where only addresses change, which is IPVS's rule too. Where
/// a port changes, the whole packet is read twice: once to see that what came was right (else the new checksum would vouch for a damaged packet,
/// as IPVS's does), once for the new one. A CRC is linear, and the difference that four octets at the front make could be computed from
/// the packet's length alone; but then a damaged packet could not be told, and reading is cheap beside the trip through user space.
/// </remarks>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    private Verdict ProcessSctp(ref Packet packet, in PacketShape shape, MonotonicTime now)
    {
        // Left unfinished by a stack nearby. What can be said of such a frame on its further way is only made for RFC 1071's sum.
        if (packet.Offload.NeedsChecksum)
        {
            if (shape.L4Length >= SctpHeader.Size) SctpChecksum.Write(packet.Frame.Slice(shape.L4Offset, shape.L4Length));
            packet.Offload.NeedsChecksum = false;
        }

        return TryReadEnds(packet.Frame, in shape, out FlowEnds<TAddress> ends)
            ? ProcessFlow(ref packet, in shape, in ends, now)
            : _worker.Drop(ref packet, DropReason.BadTransportHeader);
    }

    private static bool TryReadSctpEnds(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> l4, in PacketShape shape, out FlowEnds<TAddress> ends)
    {
        ends = default;
        if (!SctpStateMachine.TryReadEvent(l4, out SctpEvent sctpEvent)) return false;
        uint ports = BinaryPrimitives.ReadUInt32BigEndian(l4);
        ReadOnlySpan<byte> ip = frame[shape.IpOffset..];
        ends = new FlowEnds<TAddress>
        {
            Source = TFamily.SourceOf(ip),
            Destination = TFamily.DestinationOf(ip),
            SourcePort = (ushort)(ports >> 16),
            DestinationPort = unchecked((ushort)ports),
            Protocol = IpProtocol.Sctp,
            Flags = sctpEvent switch { SctpEvent.Init => TcpFlags.Syn, SctpEvent.Abort => TcpFlags.Rst, _ => TcpFlags.None },
            SctpEvent = sctpEvent,
            HasL4 = true,
        };
        return true;
    }

    private void AdvanceSctp(
        int handle, ref Connection<TAddress> connection, Destination destination, in FlowEnds<TAddress> ends, bool isReply, MonotonicTime now)
    {
        if (ends.HasL4)
        {
            byte before = connection.State;
            ActivityChange change = SctpStateMachine.Step(ref connection, isReply, ends.SctpEvent);
            if (change != ActivityChange.None) TellActivity(destination, change);
            if (connection.State != before) TellTemplate(in connection);
        }

        _connections.SetTimeout(handle, ProtocolTimeouts.OfSctp((SctpState)connection.State, destination.Timeouts), now);
    }

    /// <summary>Whether the packet's checksum can be kept right when its ports change; true for every other protocol.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool KeepsSctpChecksum(in Packet packet, in PacketShape shape, bool keepsPorts, out DropReason reason)
    {
        reason = DropReason.None;
        return shape.Protocol != IpProtocol.Sctp || keepsPorts || IsWholeAndRight(in packet, in shape, out reason);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsWholeAndRight(in Packet packet, in PacketShape shape, out DropReason reason)
    {
        reason = shape.IsFragment ? DropReason.FragmentedSctp
            : SctpChecksum.Verify(packet.Frame.Slice(shape.L4Offset, shape.L4Length)) ? DropReason.None : DropReason.BadSctpChecksum;
        return reason == DropReason.None;
    }
}
