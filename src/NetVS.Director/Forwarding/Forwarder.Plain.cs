using System.Diagnostics;
using System.Runtime.CompilerServices;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <content>Plain packets: read once, found by what was read, and sent the short way (Short) or the long one.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    /// <summary>Whether plain packets are dealt with on their own. For tests, which compare.</summary>
    internal bool HasShortWay { get; set; } = true;

    /// <summary>Decides about a packet from a link, sent to the director's interface, without a mark, if it is plain.</summary>
    /// <returns>False if it is not: nothing has happened to it.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryProcessPlain(ref Packet packet, MonotonicTime now, out Verdict verdict)
    {
        Unsafe.SkipInit(out verdict);
        if (!HasShortWay || !TryTake(packet.Frame, out uint position)) return false;
        ref PlainPacket<TAddress> plain = ref _expected[position];
        if (!IsCurrent(in plain)) ClassifyAnew(ref plain);
        if (_sync.IsStandingBy) return false;
        verdict = plain.Side == PlainSide.Request ? ProcessPlainRequest(ref packet, ref plain, now) : ProcessPlainReply(ref packet, ref plain, now);
        return true;
    }

    private Verdict ProcessPlainRequest(ref Packet packet, ref PlainPacket<TAddress> plain, MonotonicTime now)
    {
        int handle = FindRequest(in plain);
        if (handle != 0 && TryForwardShort(handle, ref packet, in plain, now)) return Verdict.Transmit;
        return ProcessRequest(handle, ref packet, in plain, now);
    }

    private Verdict ProcessPlainReply(ref Packet packet, ref PlainPacket<TAddress> plain, MonotonicTime now)
    {
        int handle = FindReply(in plain);
        if (handle != 0 && TryReturnShort(handle, ref packet, in plain, now)) return Verdict.Transmit;
        return ProcessReply(handle, ref packet, in plain, now);
    }

    private int FindRequest(in PlainPacket<TAddress> plain)
    {
        ref readonly FlowEnds<TAddress> ends = ref plain.Ends;
        return _connections.IsInbound(plain.Handle, ends.Protocol, ends.Source, ends.SourcePort, ends.Destination, ends.DestinationPort)
            ? plain.Handle
            : _connections.FindInbound(plain.Hash, ends.Protocol, ends.Source, ends.SourcePort, ends.Destination, ends.DestinationPort);
    }

    private int FindReply(in PlainPacket<TAddress> plain)
    {
        ref readonly FlowEnds<TAddress> ends = ref plain.Ends;
        if (plain.Side == PlainSide.LocalReply)
        {
            int handle = _connections.FindFullNatReply(
                plain.Hash, ends.Protocol, ends.Destination, ends.DestinationPort, ends.Source, ends.SourcePort);
            return handle != 0
                ? handle
                : _connections.FindOutbound(ends.Protocol, ends.Destination, ends.DestinationPort, ends.Source, ends.SourcePort);
        }

        return _connections.IsOutbound(plain.Handle, ends.Protocol, ends.Destination, ends.DestinationPort, ends.Source, ends.SourcePort)
            ? plain.Handle
            : _connections.FindOutbound(plain.Hash, ends.Protocol, ends.Destination, ends.DestinationPort, ends.Source, ends.SourcePort);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Verdict ProcessRequest(int handle, ref Packet packet, in PlainPacket<TAddress> plain, MonotonicTime now)
    {
        PacketShape shape = ShapeOf(packet.Frame, in plain);
        return handle != 0
            ? ForwardInbound(handle, ref packet, in shape, in plain.Ends, now)
            : ProcessUnknownRequest(_sides.Table!, ref packet, in shape, in plain.Ends, now);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Verdict ProcessReply(int handle, ref Packet packet, in PlainPacket<TAddress> plain, MonotonicTime now)
    {
        PacketShape shape = ShapeOf(packet.Frame, in plain);
        return handle != 0
            ? ForwardOutbound(handle, ref packet, in shape, in plain.Ends, now)
            : ProcessUnknownReply(_sides.Table!, ref packet, in shape, in plain.Ends, now);
    }

    /// <summary>The shape of a plain packet: what <see cref="PacketShape.TryParse"/> would say.</summary>
    private static PacketShape ShapeOf(ReadOnlySpan<byte> frame, in PlainPacket<TAddress> plain)
    {
        var shape = new PacketShape
        {
            Family = TFamily.Family,
            Protocol = plain.Ends.Protocol,
            EtherType = TFamily.EtherType,
            IpOffset = EthernetHeader.Size,
            IpLength = plain.IpLength,
            L4Offset = EthernetHeader.Size + TFamily.HeaderSize,
            L4Length = plain.IpLength - TFamily.HeaderSize,
            FragmentId = TFamily.IdentificationOf(frame[EthernetHeader.Size..]),
        };
        Debug.Assert(IsShapeOf(frame, in shape), "a plain packet has another shape");
        return shape;
    }

    private static bool IsShapeOf(ReadOnlySpan<byte> frame, in PacketShape shape) =>
        PacketShape.TryParse(frame, out PacketShape parsed) && !parsed.IsFragment && !parsed.HasFragmentHeader && parsed.VlanTags == 0 &&
        (parsed.Family, parsed.Protocol, parsed.EtherType, parsed.IpOffset, parsed.IpLength, parsed.L4Offset, parsed.L4Length, parsed.FragmentId) ==
        (shape.Family, shape.Protocol, shape.EtherType, shape.IpOffset, shape.IpLength, shape.L4Offset, shape.L4Length, shape.FragmentId);
}
