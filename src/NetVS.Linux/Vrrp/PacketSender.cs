using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetVS.Linux.Native;
using NetVS.Linux.PacketSocket;
using NetVS.Packets;

namespace NetVS.Linux.Vrrp;

/// <summary>Sends whole frames on an interface, and whole IP packets by the kernel's routes.</summary>
/// <remarks>
/// Multicast leaves as frames, so that neither routes nor the interface's own addresses have a say; unicast as packets, so that the kernel finds the neighbour.
/// Of the network namespace of the thread that opens it. Sending allocates nothing. Thread: the owner's.
/// </remarks>
public sealed unsafe class PacketSender : IDisposable
{
    private readonly SafeFileHandle _frames;
    private readonly SafeFileHandle _packets4;
    private readonly SafeFileHandle? _packets6;

    /// <summary>Opens the sockets; nothing is received on them.</summary>
    /// <exception cref="KernelCallException">The kernel refuses.</exception>
    public PacketSender()
    {
        const string What = "sending VRRP";
        _frames = LibC.OpenSocket(LibC.AF_PACKET, LibC.SOCK_RAW | LibC.SOCK_NONBLOCK, 0, What);
        _packets4 = LibC.OpenSocket(VrrpAbi.AF_INET, LibC.SOCK_RAW | LibC.SOCK_NONBLOCK, VrrpAbi.IPPROTO_RAW, What);
        try
        {
            _packets6 = LibC.OpenSocket(VrrpAbi.AF_INET6, LibC.SOCK_RAW | LibC.SOCK_NONBLOCK, VrrpAbi.IPPROTO_RAW, What);
        }
        catch (KernelCallException e) when (e.Errno == Errno.EAFNOSUPPORT)
        {
            // A kernel without IPv6 sends none.
        }
    }

    /// <summary>Sends a frame, Ethernet header included.</summary>
    /// <returns>0, or the errno.</returns>
    public int SendFrame(int interfaceIndex, ReadOnlySpan<byte> frame)
    {
        var address = new sockaddr_ll { sll_family = LibC.AF_PACKET, sll_ifindex = interfaceIndex };
        return Send(_frames, frame, &address, (uint)sizeof(sockaddr_ll));
    }

    /// <summary>Sends an IP packet, header included, to its neighbour or next hop.</summary>
    /// <param name="destination">Where it goes to, as its header says.</param>
    /// <param name="interfaceIndex">The interface of a link-local destination.</param>
    /// <param name="packet">The packet.</param>
    /// <returns>0, or the errno.</returns>
    public int SendPacket(IpAddress destination, int interfaceIndex, ReadOnlySpan<byte> packet)
    {
        if (destination.Family == IpFamily.V6)
        {
            if (_packets6 is null) return Errno.EAFNOSUPPORT;
            var to6 = new VrrpAbi.sockaddr_in6 { sin6_family = VrrpAbi.AF_INET6, sin6_scope_id = destination.V6.IsLinkLocal ? (uint)interfaceIndex : 0 };
            destination.Write(new Span<byte>(to6.sin6_addr, 16));
            return Send(_packets6, packet, &to6, (uint)sizeof(VrrpAbi.sockaddr_in6));
        }

        var to4 = new VrrpAbi.sockaddr_in { sin_family = VrrpAbi.AF_INET };
        destination.Write(new Span<byte>(to4.sin_addr, 4));
        return Send(_packets4, packet, &to4, (uint)sizeof(VrrpAbi.sockaddr_in));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _frames.Dispose();
        _packets4.Dispose();
        _packets6?.Dispose();
    }

    private static int Send(SafeFileHandle socket, ReadOnlySpan<byte> octets, void* address, uint addressLength)
    {
        nint sent;
        fixed (byte* first = octets)
        {
            do sent = LibC.sendto((int)socket.DangerousGetHandle(), first, (nuint)octets.Length, LibC.MSG_DONTWAIT, address, addressLength);
            while (sent < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        }

        return sent < 0 ? Marshal.GetLastPInvokeError() : 0;
    }
}
