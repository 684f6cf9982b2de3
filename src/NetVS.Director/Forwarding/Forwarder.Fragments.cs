// Reference §4.2 (step 7); RFC 791 §3.2, RFC 8200 §4.5; RFC 1858 §3, §4 (tiny and overlapping fragments).

using NetVS.Director.Fragments;
using NetVS.Director.Protocols;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <content>Fragments: forwarded as they come, the later ones by the ports of the first.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    // RFC 1858 §4: a second fragment at this offset would overwrite the flags of a first one that looked harmless.
    private const int OffsetOfTcpFlags = 8;

    private Verdict ProcessSpecial(ref Packet packet, in PacketShape shape, MonotonicTime now)
    {
        if (shape.Protocol == TFamily.IcmpProtocol) return ProcessIcmp(ref packet, in shape, now);
        if (ProtocolStates.FollowsIsakmp(shape.Protocol)) return ProcessSecured(ref packet, in shape, now);
        if (!ProtocolStates.HasPorts(shape.Protocol)) return PassOn(ref packet, in shape, now);
        return shape.IsFragment ? ProcessFragment(ref packet, in shape, now) : ProcessSctp(ref packet, in shape, now);
    }

    private Verdict ProcessFragment(ref Packet packet, in PacketShape shape, MonotonicTime now)
    {
        ReadOnlySpan<byte> frame = packet.Frame;
        FragmentKey key = KeyOf(frame, in shape);
        if (packet.Mark == 0 && !MayBeOurs(_worker.Table, frame[shape.IpOffset..])) return PassOn(ref packet, in shape, now);
        if (shape.L4Length == 0 || (shape.MoreFragments && shape.L4Length % 8 != 0)) return _worker.Drop(ref packet, DropReason.FragmentOversize);

        FlowEnds<TAddress> ends;
        FragmentOutcome outcome;
        if (shape.IsLaterFragment)
        {
            if (shape.Protocol == IpProtocol.Tcp && shape.FragmentOffset == OffsetOfTcpFlags) return _worker.Drop(ref packet, DropReason.FragmentTiny);
            outcome = _worker.Fragments.AcceptLater(
                in key, shape.FragmentOffset, shape.L4Length, shape.MoreFragments, now, out ushort sourcePort, out ushort destinationPort);
            ends = LaterEnds(frame, in shape, sourcePort, destinationPort);
        }
        else
        {
            if (!TryReadEnds(frame, in shape, out ends)) return _worker.Drop(ref packet, DropReason.FragmentTiny);
            outcome = _worker.Fragments.AcceptFirst(in key, shape.L4Length, ends.SourcePort, ends.DestinationPort, now);
        }

        return outcome switch
        {
            FragmentOutcome.Accepted => ProcessFlow(ref packet, in shape, in ends, now),
            FragmentOutcome.Duplicate => _worker.Drop(ref packet, DropReason.FragmentDuplicate),
            FragmentOutcome.Overlap => _worker.Drop(ref packet, DropReason.FragmentOverlap),
            _ => _worker.Drop(ref packet, DropReason.FragmentWithoutFirst),
        };
    }

    private static bool MayBeOurs(ServiceTable table, ReadOnlySpan<byte> ip)
    {
        TAddress destination = TFamily.DestinationOf(ip);
        return TFamily.IsVirtualAddress(table, destination) || TFamily.IsLocalAddress(table, destination) ||
            TFamily.IsRealAddress(table, TFamily.SourceOf(ip));
    }

    private static FragmentKey KeyOf(ReadOnlySpan<byte> frame, in PacketShape shape)
    {
        ReadOnlySpan<byte> ip = frame[shape.IpOffset..];
        return new FragmentKey(
            TFamily.ToIpAddress(TFamily.SourceOf(ip)), TFamily.ToIpAddress(TFamily.DestinationOf(ip)), shape.FragmentId, shape.Protocol);
    }

    private static FlowEnds<TAddress> LaterEnds(ReadOnlySpan<byte> frame, in PacketShape shape, ushort sourcePort, ushort destinationPort)
    {
        ReadOnlySpan<byte> ip = frame[shape.IpOffset..];
        return new FlowEnds<TAddress>
        {
            Source = TFamily.SourceOf(ip),
            Destination = TFamily.DestinationOf(ip),
            SourcePort = sourcePort,
            DestinationPort = destinationPort,
            Protocol = shape.Protocol,
        };
    }
}
