// Documentation/netlink/specs/netdev.yaml, genetlink.yaml (nlctrl).

using System.Runtime.InteropServices;

namespace NetVS.Linux.Netlink;

/// <summary>Which devices send frames that XDP redirects to them, by the kernel's own word (generic netlink, family "netdev").</summary>
/// <remarks>
/// A veth device does only while its peer receives by NAPI: with an XDP program or with GRO on. Hardware drivers do, most of them only while an
/// XDP program is attached. Minimum kernel: 6.3; before it nobody can say.
/// </remarks>
internal static class NetdevFeatures
{
    private const ushort GENL_ID_CTRL = 0x10;
    private const byte CTRL_CMD_GETFAMILY = 3, NETDEV_CMD_DEV_GET = 1;
    private const int CTRL_ATTR_FAMILY_ID = 1, CTRL_ATTR_FAMILY_NAME = 2;
    private const int NETDEV_A_DEV_IFINDEX = 1, NETDEV_A_DEV_XDP_FEATURES = 3;
    private const ulong NETDEV_XDP_ACT_NDO_XMIT = 4;

    // struct genlmsghdr: command, version, two reserved octets.
    private const int HeaderSize = 4;

    /// <summary>The indices of the devices of the calling thread's network namespace that do.</summary>
    /// <returns>Null where the kernel does not say.</returns>
    public static IReadOnlySet<int>? TryReadRedirectTargets()
    {
        using var socket = new NetlinkSocket(isNonBlocking: false, NetlinkNative.NETLINK_GENERIC);
        ushort family = 0;
        bool isKnown = Ask(socket, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0, w => w.Attribute(CTRL_ATTR_FAMILY_NAME, "netdev"), payload =>
        {
            var attributes = new AttributeReader(payload);
            while (attributes.TryRead(out int type, out ReadOnlySpan<byte> value))
                if (type == CTRL_ATTR_FAMILY_ID && value.Length >= sizeof(ushort)) family = MemoryMarshal.Read<ushort>(value);
        });
        if (!isKnown || family == 0) return null;
        var targets = new HashSet<int>();
        isKnown = Ask(socket, family, NETDEV_CMD_DEV_GET, Rtnetlink.NLM_F_DUMP, _ => { }, payload =>
        {
            int index = 0;
            ulong features = 0;
            var attributes = new AttributeReader(payload);
            while (attributes.TryRead(out int type, out ReadOnlySpan<byte> value))
            {
                if (type == NETDEV_A_DEV_IFINDEX && value.Length >= sizeof(int)) index = MemoryMarshal.Read<int>(value);
                else if (type == NETDEV_A_DEV_XDP_FEATURES && value.Length >= sizeof(ulong)) features = MemoryMarshal.Read<ulong>(value);
            }

            if ((features & NETDEV_XDP_ACT_NDO_XMIT) != 0) targets.Add(index);
        });
        return isKnown ? targets : null;
    }

    private delegate void PayloadReader(ReadOnlySpan<byte> attributes);

    // One request and all that answers it; false when the kernel refuses it.
    private static bool Ask(NetlinkSocket socket, ushort family, byte command, ushort flags, Action<NetlinkWriter> write, PayloadReader read)
    {
        var request = new NetlinkWriter();
        uint sequence = socket.NextSequence();
        request.Begin(family, (ushort)(flags | Rtnetlink.NLM_F_ACK), sequence).U8(command).U8(1).U16(0);
        write(request);
        request.End();
        socket.Send(request.Octets);
        while (socket.Receive(out ReadOnlySpan<byte> octets) == NetlinkSocket.ReceiveResult.Received)
        {
            var reader = new NetlinkReader(octets);
            while (reader.TryRead(out NetlinkMessage message))
            {
                if (message.Sequence != sequence) continue;
                if (message.Type == Rtnetlink.NLMSG_DONE) return true;
                if (message.Type == Rtnetlink.NLMSG_ERROR)
                    return message.Payload.Length >= sizeof(int) && MemoryMarshal.Read<int>(message.Payload) == 0;
                if (message.Payload.Length > HeaderSize) read(message.Payload[HeaderSize..]);
            }
        }

        return false;
    }
}
