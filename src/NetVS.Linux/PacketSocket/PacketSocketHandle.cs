using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetVS.Linux.Bpf;
using NetVS.Linux.Divert;
using NetVS.Linux.Native;
using NetVS.Links;

namespace NetVS.Linux.PacketSocket;

/// <summary>Opens AF_PACKET sockets the way the links need them.</summary>
internal static unsafe class PacketSocketHandle
{
    private const int SocketBuffer = 32 << 20;

    /// <summary>A socket that only sends on one interface; frames carry a virtio-net header.</summary>
    public static SafeFileHandle OpenForSending(int interfaceIndex, string @object)
    {
        SafeFileHandle socket = Open(@object);
        try
        {
            Bind(socket, interfaceIndex, 0, @object);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A socket that is ready but for its ring and its binding: nothing is received yet.</summary>
    /// <param name="filter">Decides which frames it takes; null for all.</param>
    /// <param name="headroom">Octets kept free before each frame.</param>
    /// <param name="object">For messages.</param>
    public static SafeFileHandle OpenForReceiving(BpfProgram? filter, int headroom, string @object)
    {
        SafeFileHandle socket = Open(@object);
        try
        {
            Set(socket, PacketAbi.PACKET_VERSION, PacketAbi.TPACKET_V2, "PACKET_VERSION", @object);
            Set(socket, PacketAbi.PACKET_RESERVE, headroom, "PACKET_RESERVE", @object);
            Set(socket, PacketAbi.PACKET_IGNORE_OUTGOING, 1, "PACKET_IGNORE_OUTGOING", @object);
            Set(socket, PacketAbi.PACKET_COPY_THRESH, 1, "PACKET_COPY_THRESH", @object);
            if (filter is not null) Attach(socket, filter, @object);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Binds to an interface; protocol 0 receives nothing.</summary>
    public static void Bind(SafeFileHandle socket, int interfaceIndex, ushort protocol, string @object)
    {
        var address = new sockaddr_ll
        {
            sll_family = LibC.AF_PACKET,
            sll_protocol = BinaryPrimitives.ReverseEndianness(protocol),
            sll_ifindex = interfaceIndex,
        };
        if (!BitConverter.IsLittleEndian) address.sll_protocol = protocol;
        LibC.Check(LibC.bind(socket, &address, (uint)sizeof(sockaddr_ll)), "bind AF_PACKET", @object);
    }

    /// <summary>Joins, or founds, the group of sockets that share an interface's frames by flow.</summary>
    /// <param name="socket">A bound socket.</param>
    /// <param name="group">The group's number; 0 to found one.</param>
    /// <param name="object">For messages.</param>
    /// <returns>The group's number.</returns>
    public static ushort JoinFanout(SafeFileHandle socket, ushort group, string @object)
    {
        int type = PacketAbi.PACKET_FANOUT_HASH | (group == 0 ? PacketAbi.PACKET_FANOUT_FLAG_UNIQUEID : 0);
        Set(socket, PacketAbi.PACKET_FANOUT, group | (type << 16), "PACKET_FANOUT", @object);
        int joined = 0;
        uint length = sizeof(int);
        LibC.Check(LibC.getsockopt(socket, LibC.SOL_PACKET, PacketAbi.PACKET_FANOUT, &joined, &length), "getsockopt PACKET_FANOUT", @object);
        return unchecked((ushort)joined);
    }

    private static SafeFileHandle Open(string @object)
    {
        SafeFileHandle socket = OpenSocket(@object);
        try
        {
            Set(socket, PacketAbi.PACKET_VNET_HDR, 1, "PACKET_VNET_HDR", @object);
            LibC.SetOption(socket, LibC.SOL_SOCKET, LibC.SO_SNDBUFFORCE, SocketBuffer, "SO_SNDBUFFORCE", @object);
            LibC.SetOption(socket, LibC.SOL_SOCKET, LibC.SO_RCVBUFFORCE, SocketBuffer, "SO_RCVBUFFORCE", @object);
            LibC.SetOption(socket, LibC.SOL_SOCKET, LibC.SO_MARK, DivertAbi.DIRECTOR_MARK, "SO_MARK", @object);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static SafeFileHandle OpenSocket(string @object)
    {
        try
        {
            return LibC.OpenSocket(LibC.AF_PACKET, LibC.SOCK_RAW | LibC.SOCK_NONBLOCK, 0, @object);
        }
        catch (KernelCallException e) when (e.Errno == Errno.EAFNOSUPPORT)
        {
            throw new KernelFeatureMissingException("AF_PACKET sockets (CONFIG_PACKET)", "4.20", "socket", e.Errno, @object);
        }
    }

    private static void Attach(SafeFileHandle socket, BpfProgram filter, string @object)
    {
        bool added = false;
        try
        {
            filter.Handle.DangerousAddRef(ref added);
            LibC.SetOption(socket, LibC.SOL_SOCKET, LibC.SO_ATTACH_BPF, (int)filter.Handle.DangerousGetHandle(), "SO_ATTACH_BPF", @object);
        }
        finally
        {
            if (added) filter.Handle.DangerousRelease();
        }
    }

    private static void Set(SafeFileHandle socket, int option, int value, string name, string @object) =>
        LibC.SetOption(socket, LibC.SOL_PACKET, option, value, name, @object);
}
