using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

internal sealed partial class Forwarder<TFamily, TAddress>
{
    private Verdict ProcessSpecial(ref Packet packet, in PacketShape shape, MonotonicTime now) => PassOn(ref packet, in shape, now);
}
