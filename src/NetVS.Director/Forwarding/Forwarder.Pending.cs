using NetVS.Director.Connections;
using NetVS.Director.Network;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

internal sealed partial class Forwarder<TFamily, TAddress>
{
    private Verdict ProcessSpecial(ref Packet packet, in PacketShape shape, MonotonicTime now) => PassOn(ref packet, in shape, now);

    private Verdict DeliverByTunnel(ref Connection<TAddress> connection, ref Packet packet, in PacketShape shape, MonotonicTime now) =>
        _worker.Drop(ref packet, DropReason.NoRoute);

    private Verdict DeliverByFullNat(
        ref Connection<TAddress> connection, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now) =>
        _worker.Drop(ref packet, DropReason.NoRoute);

    private Verdict ReturnByFullNat(
        ref Connection<TAddress> connection, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now) =>
        _worker.Drop(ref packet, DropReason.NoRoute);

    private static DropReason TryTakeLocalPort(
        VirtualServiceState service, IpProtocol protocol, TAddress real, ushort realPort, MonotonicTime now,
        out TAddress local, out ushort localPort)
    {
        local = default;
        localPort = 0;
        return DropReason.NoLocalAddress;
    }

    private static void ReleaseLocalPort(
        IpProtocol protocol, TAddress local, ushort localPort, TAddress real, ushort realPort, MonotonicTime now)
    {
    }

    private Verdict SendLarge(int hop, in NextHop next, int ipMtu, ref Packet packet, in PacketShape shape, MonotonicTime now) =>
        LargestIpLength(in packet, in shape) <= ipMtu
            ? SendWhole(hop, in next, ref packet, shape.IpOffset, shape.IpLength, now)
            : _worker.Drop(ref packet, DropReason.NoFrameRoom);
}
