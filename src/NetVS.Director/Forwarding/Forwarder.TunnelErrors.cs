// Reference §9.3, for IPIP; RFC 2003 §4 (ICMP messages from within the tunnel), RFC 2473 §8 for IP6IP6.

using NetVS.Director.Connections;
using NetVS.Director.Icmp;
using NetVS.Director.Network;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>Errors about the director's own tunnels: learned from, and told to the client whose packet was inside.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    private Verdict ProcessTunnelError(
        ServiceTable table, ref Packet packet, in PacketShape shape, in QuotedPacket<TAddress> quoted, MonotonicTime now)
    {
        bool isOurs = TFamily.IsTunnelReal(table, quoted.Destination) && _worker.Network.IsLocal(TFamily.ToIpAddress(quoted.Source));
        if (!isOurs) return PassOn(ref packet, in shape, now);
        if (!HasGoodIcmpChecksum(ref packet, in shape)) return _worker.Drop(ref packet, DropReason.BadIcmpChecksum);
        IcmpHeader header = WireView.ReadAt<IcmpHeader>(packet.Frame, shape.L4Offset);
        bool isTooBig = IsTooBig(in header);
        int clientMtu = isTooBig ? LearnPathMtu(quoted.Destination, in header, now) : 0;
        _worker.Drop(ref packet, DropReason.TunnelErrorTaken);
        if (!TryFindTunnelled(packet.Frame, in shape, in quoted, out PacketShape inner, out int handle)) return Verdict.Drop;

        // Counted is the client's packet as far as it is quoted, as in the kernel.
        _counters.CountOutbound(_destinations[_connections[handle].DestinationIndex], inner.IpLength);
        if (isTooBig && (clientMtu == 0 || TFamily.MayBeFragmented(packet.Frame[inner.IpOffset..]))) return Verdict.Drop;

        ushort typeAndCode = (ushort)((header.Type << 8) | header.Code);
        return TrySendError(ref packet, in inner, typeAndCode, (uint)clientMtu, default, now, out Verdict verdict) ? verdict : Verdict.Drop;
    }

    /// <summary>Remembers a path MTU towards a real server.</summary>
    /// <returns>The largest packet of a client that now fits into the tunnel; 0 when none would.</returns>
    private int LearnPathMtu(TAddress real, in IcmpHeader header, MonotonicTime now)
    {
        // IPv4 says it in the low half of the word; 0 comes from routers older than RFC 1191 and teaches nothing.
        uint stated = TFamily.Family == IpFamily.V4 ? header.NextHopMtu : header.Rest.Host;
        IpAddress address = TFamily.ToIpAddress(real);
        if (LookUp(real, 0, out RouteLookup route) <= 0) return 0;
        if (stated != 0 && _worker.PathMtus.Learn(address, (int)Math.Min(stated, ushort.MaxValue), route.IpMtu, now))
            _worker.Count(ForwardingEvent.PathMtuLearned);
        int inside = _worker.PathMtus.Limit(address, route.IpMtu) - TFamily.HeaderSize;
        return inside >= TFamily.MinimumTunnelMtu ? inside : 0;
    }

    /// <summary>Finds the connection of the packet inside the quoted tunnel packet, where the quote reaches that far.</summary>
    /// <param name="frame">The frame with the error.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="quoted">The tunnel packet it quotes.</param>
    /// <param name="inner">The shape of the client's packet as far as it is quoted, in the frame.</param>
    /// <param name="handle">Its connection.</param>
    private bool TryFindTunnelled(
        ReadOnlySpan<byte> frame, in PacketShape shape, in QuotedPacket<TAddress> quoted, out PacketShape inner, out int handle)
    {
        handle = 0;
        int offset = shape.L4Offset + IcmpHeader.Size + quoted.Shape.L4Offset;
        ReadOnlySpan<byte> octets = frame.Slice(offset, quoted.Shape.L4Length);
        if (!PacketShape.TryParseQuote(octets, TFamily.Family, out inner) || inner.IsLaterFragment) return false;
        var request = QuotedPacket<TAddress>.Read(octets, in inner, TFamily.SourceOf(octets), TFamily.DestinationOf(octets));
        if (!request.HasPorts) return false;
        handle = _connections.FindInbound(
            inner.Protocol, request.Source, request.SourcePort, request.Destination, request.DestinationPort);
        if (handle == 0 || _connections[handle].Method != ForwardingMethod.Tunnel) return false;
        inner.IpLength = Math.Min(inner.IpLength, octets.Length);
        inner.IpOffset += offset;
        inner.L4Offset += offset;
        return true;
    }
}
