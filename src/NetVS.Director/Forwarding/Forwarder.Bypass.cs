// Reference §4.3 ("leave"), §8.1, §8.3.

using NetVS.Director.Connections;
using NetVS.Director.Network;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>Connections past the real servers (<c>cache_bypass</c>): where a transparent cache has no server left, its clients go where they wanted to.</content>
/// <remarks>
/// Such a connection has no destination and shows none (0.0.0.0:0); no counter moves. What it means for packets is a route: to their own destination. In the
/// flow table it is a line as DR's; a director that starts anew frees it, and the next packets pass as any router's.
/// </remarks>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    // As the kernel asks: an IPv6 address of its own is unicast to it, too, and the packets are dropped on their way.
    private bool MayBypass(TAddress address) =>
        TFamily.IsPossibleSource(address) && (TFamily.Family == IpFamily.V6 || !_worker.Network.IsLocal(TFamily.ToIpAddress(address)));

    private Verdict BeginBypass(
        VirtualServiceState service, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, uint mark, MonotonicTime now)
    {
        var key = new ConnectionKey<TAddress>(ends.Protocol, ends.Source, ends.SourcePort, ends.Destination, ends.DestinationPort);
        var target = new ConnectionTarget<TAddress>(ForwardingMethod.Bypass, default, 0, DestinationTable.Unbound);
        if (!_connections.TryCreate(in key, in target, now, out int handle)) return _worker.Drop(ref packet, DropReason.ClientEndFull);
        ref Connection<TAddress> connection = ref _connections[handle];
        Destination nobody = _destinations[DestinationTable.Unbound];
        nobody.Bind(isTemplate: false);
        connection.Mark = mark;
        _worker.Count(ForwardingEvent.BegunPastServers);
        if (_settings.IcmpSequenceWindow != 0) NoteNumbers(ref connection, packet.Frame, in shape, in ends, isReply: false);
        Advance(handle, ref connection, nobody, in ends, false, now);
        connection.InPackets = 1;
        bool isOnePacket = IsOnePacket(service, ends.Protocol);
        if (isOnePacket) connection.Flags |= ConnectionFlags.OnePacket;
        Verdict verdict = DeliverPast(ref connection, ref packet, in shape, now);
        if (isOnePacket) EndOnePacket(handle, in shape, now);
        else if (_flows is not null) FollowUp(handle, verdict, in packet, shape.IsFragment, now);
        return verdict;
    }

    private Verdict DeliverPast(ref Connection<TAddress> connection, ref Packet packet, in PacketShape shape, MonotonicTime now) =>
        HopInbound(ref connection, out _) == HopId.Local
            ? _worker.Drop(ref packet, DropReason.BypassToSelf)
            : DeliverDirectly(ref connection, ref packet, in shape, now);
}
