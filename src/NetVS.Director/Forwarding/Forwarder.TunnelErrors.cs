// Reference §9.3; RFC 2003 §4 (ICMP messages from within the tunnel), RFC 2473 §8, RFC 4213 §3.4 (between the families).

using NetVS.Director.Connections;
using NetVS.Director.Icmp;
using NetVS.Director.Network;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>Errors about the director's own tunnels: learned from, and told to the client whose packet was inside.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    /// <summary>An error of this family about a tunnel's packet outside. The packet inside may be of the other one.</summary>
    private Verdict ProcessTunnelError(
        ref Packet packet, in PacketShape shape, in QuotedPacket<TAddress> quoted, in TunnelQuote tunnel, MonotonicTime now)
    {
        if (!HasGoodIcmpChecksum(ref packet, in shape)) return _worker.Drop(ref packet, DropReason.BadIcmpChecksum);
        int before = shape.L4Offset + IcmpHeader.Size + quoted.Shape.L4Offset;
        bool hasInner = tunnel.Inner != IpFamily.None && tunnel.Offset < quoted.Shape.L4Length;
        int offset = before + tunnel.Offset, length = quoted.Shape.L4Length - tunnel.Offset;
        if (hasInner && _settings.IcmpSequenceWindow != 0 && !IsTunnelledOnItsWay(tunnel.Inner, packet.Frame.Slice(offset, length), now))
            return _worker.Drop(ref packet, DropReason.IcmpSequence);
        IcmpHeader header = WireView.ReadAt<IcmpHeader>(packet.Frame, shape.L4Offset);
        bool isTooBig = IsTooBig(in header);
        int pathMtu = isTooBig ? LearnPathMtu(quoted.Destination, in header, now) : 0;
        _worker.Drop(ref packet, DropReason.TunnelErrorTaken);
        if (!hasInner) return Verdict.Drop;
        ushort sameFamily = tunnel.Inner == TFamily.Family ? (ushort)((header.Type << 8) | header.Code) : (ushort)0;
        return tunnel.Inner == IpFamily.V4
            ? _worker.V4.ReportTunnelError(ref packet, offset, length, isTooBig, pathMtu, sameFamily, now)
            : _worker.V6.ReportTunnelError(ref packet, offset, length, isTooBig, pathMtu, sameFamily, now);
    }

    private bool IsTunnelledOnItsWay(IpFamily inner, ReadOnlySpan<byte> octets, MonotonicTime now) =>
        inner == IpFamily.V4 ? _worker.V4.IsTunnelledOnItsWay(octets, now) : _worker.V6.IsTunnelledOnItsWay(octets, now);

    /// <summary>Tells the client whose packet was in the tunnel what became of it.</summary>
    /// <param name="packet">The error.</param>
    /// <param name="offset">Where the client's packet begins, in the frame.</param>
    /// <param name="length">How much of it is quoted.</param>
    /// <param name="isTooBig">Whether the tunnel's packet did not fit.</param>
    /// <param name="pathMtu">With that: the path MTU towards the real server; 0 where it is not known.</param>
    /// <param name="typeAndCode">The error's, which is passed on; 0 where it is of the other family and has to be put into this one's words.</param>
    /// <param name="now">The time.</param>
    private Verdict ReportTunnelError(
        ref Packet packet, int offset, int length, bool isTooBig, int pathMtu, ushort typeAndCode, MonotonicTime now)
    {
        if (!TryFindTunnelled(packet.Frame.Slice(offset, length), out PacketShape inner, out int handle)) return Verdict.Drop;
        inner.IpOffset += offset;
        inner.L4Offset += offset;
        ref Connection<TAddress> connection = ref _connections[handle];

        // Counted is the client's packet as far as it is quoted, as in the kernel.
        _counters.CountOutbound(_destinations[connection.DestinationIndex], inner.IpLength);
        uint rest = 0;
        if (isTooBig)
        {
            DestinationRule rule = _destinations[connection.DestinationIndex].Rule;
            int inside = pathMtu - TunnelHeaders.OverheadOf(rule);
            if (inside < TunnelHeaders.LeastMtu(rule.Real.Address.Family) || TFamily.MayBeFragmented(packet.Frame[inner.IpOffset..])) return Verdict.Drop;
            rest = (uint)inside;
        }

        // RFC 2473 §8.2: what happened within the tunnel the client cannot mend; to it, the host is out of reach.
        if (typeAndCode == 0) typeAndCode = TFamily.TypeAndCodeOf(isTooBig ? IcmpReason.TooBig : IcmpReason.HostUnreachable);
        return TrySendError(ref packet, in inner, typeAndCode, rest, default, now, out Verdict verdict) ? verdict : Verdict.Drop;
    }

    /// <summary>Remembers a path MTU towards a real server.</summary>
    /// <returns>The path MTU that now holds; 0 where there is no way there.</returns>
    private int LearnPathMtu(TAddress real, in IcmpHeader header, MonotonicTime now)
    {
        // IPv4 says it in the low half of the word; 0 comes from routers older than RFC 1191 and teaches nothing.
        uint stated = TFamily.Family == IpFamily.V4 ? header.NextHopMtu : header.Rest.Host;
        IpAddress address = TFamily.ToIpAddress(real);
        if (LookUp(real, 0, out RouteLookup route) <= 0) return 0;
        if (stated != 0 && _worker.PathMtus.Learn(address, (int)Math.Min(stated, ushort.MaxValue), route.IpMtu, now))
            _worker.Count(ForwardingEvent.PathMtuLearned);
        return _worker.PathMtus.Limit(address, route.IpMtu);
    }

    /// <summary>Finds the connection of the packet inside a quoted tunnel packet, where the quote reaches that far.</summary>
    /// <param name="octets">The client's packet as far as it is quoted.</param>
    /// <param name="inner">Its shape.</param>
    /// <param name="handle">Its connection.</param>
    private bool TryFindTunnelled(ReadOnlySpan<byte> octets, out PacketShape inner, out int handle)
    {
        handle = 0;
        if (!PacketShape.TryParseQuote(octets, TFamily.Family, out inner) || inner.IsLaterFragment) return false;
        var request = QuotedPacket<TAddress>.Read(octets, in inner, TFamily.SourceOf(octets), TFamily.DestinationOf(octets));
        if (!request.HasPorts) return false;
        handle = _connections.FindInbound(
            inner.Protocol, request.Source, request.SourcePort, request.Destination, request.DestinationPort);
        if (handle == 0 || _connections[handle].Method != ForwardingMethod.Tunnel) return false;
        inner.IpLength = Math.Min(inner.IpLength, octets.Length);
        return true;
    }

    /// <summary>Whether what an error quotes is one of the director's tunnels'.</summary>
    private bool IsTunnelQuote(ReadOnlySpan<byte> frame, in PacketShape shape, in QuotedPacket<TAddress> quoted, out TunnelQuote tunnel)
    {
        int offset = shape.L4Offset + IcmpHeader.Size + quoted.Shape.L4Offset;
        return TunnelQuote.TryRead(
            _worker.Table, _worker.Network, quoted.Shape.Protocol, TFamily.ToIpAddress(quoted.Source), TFamily.ToIpAddress(quoted.Destination),
            frame.Slice(offset, quoted.Shape.L4Length), out tunnel);
    }

    /// <summary>The worker that owns the connection of a packet inside a quoted tunnel packet.</summary>
    private int FindOwnerOfTunnelled(ReadOnlySpan<byte> octets)
    {
        if (!PacketShape.TryParseQuote(octets, TFamily.Family, out PacketShape inner) || inner.IsLaterFragment) return _worker.Index;
        var request = QuotedPacket<TAddress>.Read(octets, in inner, TFamily.SourceOf(octets), TFamily.DestinationOf(octets));
        return request.HasPorts ? OwnerOfClient(inner.Protocol, request.Source, request.SourcePort) : _worker.Index;
    }
}
