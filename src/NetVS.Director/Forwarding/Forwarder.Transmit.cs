using System.Runtime.CompilerServices;
using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <content>Finished packets leave: a new Ethernet header, whole or in pieces.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    /// <summary>Sends a finished packet, in pieces where it exceeds the IP MTU (then it may be cut: that was asked before).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Verdict Send(int hop, in NextHop next, int ipMtu, ref Packet packet, in PacketShape shape, MonotonicTime now) =>
        shape.IpLength <= ipMtu
            ? SendWhole(hop, in next, ref packet, shape.IpOffset, shape.IpLength, now)
            : SendLarge(hop, in next, ipMtu, ref packet, in shape, now);

    /// <summary>Writes the Ethernet header for the next hop in front of the IP packet.</summary>
    /// <param name="hop">The next hop's id.</param>
    /// <param name="next">Its reading.</param>
    /// <param name="packet">The packet.</param>
    /// <param name="ipOffset">Where the IP header begins, counted from the frame's present beginning; negative where it grew at its front.</param>
    /// <param name="ipLength">Octets of the IP packet.</param>
    /// <param name="now">The time.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Verdict SendWhole(int hop, in NextHop next, ref Packet packet, int ipOffset, int ipLength, MonotonicTime now) =>
        SendWhole(hop, in next, ref packet, ipOffset, ipLength, TFamily.EtherType, now);

    private Verdict SendWhole(int hop, in NextHop next, ref Packet packet, int ipOffset, int ipLength, ushort etherType, MonotonicTime now)
    {
        int headerLength = next.VlanId == 0 ? EthernetHeader.Size : EthernetHeader.Size + VlanTag.Size;
        int moved = headerLength - ipOffset;
        int offset = packet.Offset - moved;
        if (offset < 0) return _worker.Drop(ref packet, DropReason.NoFrameRoom);
        packet.Offset = offset;
        packet.Length = headerLength + ipLength;
        if (moved != 0) OffloadShape.Move(ref packet.Offload, moved);
        EthernetFrame.WriteHeader(packet.Frame, in next, etherType);
        packet.TransmitInterface = next.TransmitInterface;
        packet.NextHop = hop;
        _worker.MarkUsed(hop, now);
        return next.State == NextHopState.Reachable ? Verdict.Transmit : _worker.AwaitNeighbour(hop, next.State, ref packet);
    }
}
