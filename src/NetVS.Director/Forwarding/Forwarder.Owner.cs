using NetVS.Director.Connections;
using NetVS.Director.Protocols;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <content>Which worker a packet belongs to.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    /// <summary>The worker that owns the packet's connection, by the same keyed hash of the client's end in both directions.</summary>
    /// <remarks>
    /// FULLNAT replies do not show the client: their local port modulo the number of workers is the owner, for so it was chosen. A later
    /// fragment shows no ports: whoever received the first one noted them in the table all workers share. An ICMP error belongs
    /// where the packet it quotes belongs. What belongs to nobody stays.
    /// </remarks>
    public int FindOwner(in Packet packet, in PacketShape shape, MonotonicTime now)
    {
        ReadOnlySpan<byte> frame = packet.Frame;
        if (shape.Protocol == TFamily.IcmpProtocol) return FindOwnerOfError(frame, in shape);
        FlowEnds<TAddress> ends;
        if (ProtocolStates.FollowsIsakmp(shape.Protocol))
        {
            ends = IsakmpEnds(frame[shape.IpOffset..]);
            return OwnerOfFlow(ends.Protocol, ends.Source, ends.SourcePort, ends.Destination, ends.DestinationPort);
        }

        if (!ProtocolStates.HasPorts(shape.Protocol)) return _worker.Index;
        if (shape.IsLaterFragment)
        {
            if (!_worker.Fragments.TryFindPorts(KeyOf(frame, in shape), now, out ushort sourcePort, out ushort destinationPort)) return _worker.Index;
            ends = LaterEnds(frame, in shape, sourcePort, destinationPort);
        }
        else if (!TryReadEnds(frame, in shape, out ends))
        {
            return _worker.Index;
        }
        else if (shape.IsFragment && (packet.Mark != 0 || MayBeOurs(_worker.Table, frame[shape.IpOffset..])))
        {
            _worker.Fragments.NotePorts(KeyOf(frame, in shape), ends.SourcePort, ends.DestinationPort, now);
        }

        return packet.Mark != 0
            ? OwnerOfClient(ends.Protocol, ends.Source, ends.SourcePort)
            : OwnerOfFlow(ends.Protocol, ends.Source, ends.SourcePort, ends.Destination, ends.DestinationPort);
    }

    private int OwnerOfFlow(IpProtocol protocol, TAddress source, ushort sourcePort, TAddress destination, ushort destinationPort)
    {
        ServiceTable table = _worker.Table;
        bool isLocal = TFamily.IsLocalAddress(table, destination);
        if (TFamily.IsRequest(table, protocol, source, sourcePort, destination, destinationPort) && !(isLocal && TFamily.IsRealAddress(table, source)))
            return OwnerOfClient(protocol, source, sourcePort);
        return isLocal ? destinationPort % _worker.WorkerCount : OwnerOfClient(protocol, destination, destinationPort);
    }

    private int OwnerOfClient(IpProtocol protocol, TAddress client, ushort clientPort) =>
        ConnectionHash.OwnerOf(_connections.HashOf(protocol, client, clientPort), _worker.WorkerCount);

    private int FindOwnerOfError(ReadOnlySpan<byte> frame, in PacketShape shape)
    {
        if (!TryReadError(frame, in shape, out QuotedPacket<TAddress> quoted)) return _worker.Index;
        if (IsTunnelQuote(frame, in shape, in quoted, out TunnelQuote tunnel))
        {
            if (tunnel.Inner == IpFamily.None || tunnel.Offset >= quoted.Shape.L4Length) return _worker.Index;
            int offset = shape.L4Offset + IcmpHeader.Size + quoted.Shape.L4Offset + tunnel.Offset;
            ReadOnlySpan<byte> inner = frame[offset..(shape.L4Offset + shape.L4Length)];
            return tunnel.Inner == IpFamily.V4 ? _worker.V4.FindOwnerOfTunnelled(inner) : _worker.V6.FindOwnerOfTunnelled(inner);
        }

        // What is quoted went the other way: seen from its receiver it is a packet of the same flow.
        return quoted.HasPorts
            ? OwnerOfFlow(quoted.Shape.Protocol, quoted.Destination, quoted.DestinationPort, quoted.Source, quoted.SourcePort)
            : _worker.Index;
    }
}
