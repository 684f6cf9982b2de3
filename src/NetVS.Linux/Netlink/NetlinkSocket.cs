using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NetVS.Linux.Netlink;

/// <summary>A netlink socket, of rtnetlink unless told otherwise, of the network namespace its creator's thread was in.</summary>
internal sealed class NetlinkSocket : IDisposable
{
    // The kernel fills dumps up to 32 KiB a datagram where the reader's buffer allows.
    private const int BufferSize = 64 * 1024;
    private readonly byte[] _buffer = new byte[BufferSize];
    private uint _sequence;

    /// <summary>Opens a socket.</summary>
    /// <param name="isNonBlocking">Whether receiving answers EAGAIN where it would wait.</param>
    /// <param name="protocol">NETLINK_*.</param>
    public NetlinkSocket(bool isNonBlocking, int protocol = NetlinkNative.NETLINK_ROUTE)
    {
        int type = NetlinkNative.SOCK_RAW | NetlinkNative.SOCK_CLOEXEC | (isNonBlocking ? NetlinkNative.SOCK_NONBLOCK : 0);
        int descriptor = NetlinkNative.socket(NetlinkNative.AF_NETLINK, type, protocol);
        if (descriptor < 0) throw new KernelCallException("socket(AF_NETLINK)", Marshal.GetLastPInvokeError(), "");
        Handle = new SafeFileHandle(descriptor, ownsHandle: true);
        TrySetOption(NetlinkNative.SOL_NETLINK, NetlinkNative.NETLINK_EXT_ACK, 1);

        // struct sockaddr_nl with port 0: the kernel chooses one. Notifications go to no socket without a port of its own.
        Span<byte> any = stackalloc byte[12];
        any.Clear();
        MemoryMarshal.Write(any, (ushort)NetlinkNative.AF_NETLINK);
        if (NetlinkNative.bind(Handle, any, any.Length) == 0) return;
        int errno = Marshal.GetLastPInvokeError();
        Handle.Dispose();
        throw new KernelCallException("bind(AF_NETLINK)", errno, "");
    }

    /// <summary>What receiving one datagram came to.</summary>
    public enum ReceiveResult
    {
        /// <summary>A datagram is there.</summary>
        Received,

        /// <summary>None is waiting.</summary>
        Nothing,

        /// <summary>Some were lost, because they came faster than they were read (ENOBUFS).</summary>
        Overrun,
    }

    /// <summary>The descriptor.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>A number for the next request, never 0.</summary>
    public uint NextSequence() => ++_sequence == 0 ? ++_sequence : _sequence;

    /// <summary>Subscribes to a group, RTNLGRP_*.</summary>
    /// <returns>False when the kernel does not know the group.</returns>
    public bool Join(int group) => TrySetOption(NetlinkNative.SOL_NETLINK, NetlinkNative.NETLINK_ADD_MEMBERSHIP, group);

    /// <summary>Sets how much may wait to be read, in octets.</summary>
    public void SetReceiveBuffer(int octets)
    {
        if (!TrySetOption(NetlinkNative.SOL_SOCKET, NetlinkNative.SO_RCVBUFFORCE, octets))
            TrySetOption(NetlinkNative.SOL_SOCKET, NetlinkNative.SO_RCVBUF, octets);
    }

    /// <summary>Sends messages.</summary>
    public void Send(ReadOnlySpan<byte> octets)
    {
        if (!TrySend(octets, out int errno)) throw new KernelCallException("send(AF_NETLINK)", errno, "");
    }

    /// <summary>Sends messages; false with the errno when the kernel does not take them.</summary>
    public bool TrySend(ReadOnlySpan<byte> octets, out int errno)
    {
        errno = 0;
        while (NetlinkNative.send(Handle, octets, octets.Length, 0) < 0)
        {
            errno = Marshal.GetLastPInvokeError();
            if (errno != Errno.EINTR) return false;
        }

        return true;
    }

    /// <summary>Receives one datagram, valid until the next call.</summary>
    public ReceiveResult Receive(out ReadOnlySpan<byte> octets)
    {
        octets = default;
        while (true)
        {
            nint length = NetlinkNative.recv(Handle, _buffer, _buffer.Length, NetlinkNative.MSG_TRUNC);
            if (length >= 0)
            {
                // One that does not fit is as good as lost.
                if (length > _buffer.Length) return ReceiveResult.Overrun;
                octets = _buffer.AsSpan(0, (int)length);
                return ReceiveResult.Received;
            }

            int errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.EINTR) continue;
            if (errno == Errno.EAGAIN) return ReceiveResult.Nothing;
            if (errno == Errno.ENOBUFS) return ReceiveResult.Overrun;
            throw new KernelCallException("recv(AF_NETLINK)", errno, "");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    private bool TrySetOption(int level, int option, int value) =>
        NetlinkNative.setsockopt(Handle, level, option, value, sizeof(int)) == 0;
}
