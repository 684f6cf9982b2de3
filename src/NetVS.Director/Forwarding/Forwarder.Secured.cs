// Reference §4.3, §5.2: AH and ESP.

using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>
/// AH and ESP begin no connection: they go where the ISAKMP connection of their ends goes (RFC 2408 §2.5.1, UDP port 500 to 500), and count as its packets.
/// Their fragments need not wait for the first one, for they have no ports.
/// </content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    private const ushort IsakmpPort = 500;

    private Verdict ProcessSecured(ref Packet packet, in PacketShape shape, MonotonicTime now)
    {
        FlowEnds<TAddress> ends = IsakmpEnds(packet.Frame[shape.IpOffset..]);
        int handle = _connections.FindInbound(ends.Protocol, ends.Source, ends.SourcePort, ends.Destination, ends.DestinationPort);

        // FULLNAT tells connections of a local address apart by their ports alone: no reply would find its way back.
        return handle != 0 && _connections[handle].Method == ForwardingMethod.FullNat
            ? PassOn(ref packet, in shape, now)
            : ProcessFlow(ref packet, in shape, in ends, now);
    }

    private static FlowEnds<TAddress> IsakmpEnds(ReadOnlySpan<byte> ip) => new()
    {
        Source = TFamily.SourceOf(ip),
        Destination = TFamily.DestinationOf(ip),
        SourcePort = IsakmpPort,
        DestinationPort = IsakmpPort,
        Protocol = IpProtocol.Udp,
    };
}
