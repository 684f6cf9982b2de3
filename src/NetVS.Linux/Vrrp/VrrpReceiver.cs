using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using NetVS.Linux.Native;
using NetVS.Packets;

namespace NetVS.Linux.Vrrp;

/// <summary>Receives VRRP on one interface: a raw socket of protocol 112, or of 51 for authentication headers.</summary>
/// <remarks>
/// Bound to its interface, and to the network namespace of the thread that opens it. .NET's Socket refuses the protocol, hence the system calls. Receiving
/// allocates nothing. Thread: the owner's.
/// </remarks>
public sealed unsafe class VrrpReceiver : IDisposable
{
    private readonly SafeFileHandle _socket;
    private readonly HashSet<IpAddress> _groups = [];
    private readonly string _object;
    private readonly int _interfaceIndex;
    private int _bufferOctets;

    private VrrpReceiver(SafeFileHandle socket, IpFamily family, int interfaceIndex, string @object)
    {
        _socket = socket;
        _object = @object;
        _interfaceIndex = interfaceIndex;
        Family = family;
        Descriptor = (int)socket.DangerousGetHandle();
    }

    /// <summary>The family.</summary>
    public IpFamily Family { get; }

    /// <summary>For poll(2).</summary>
    public int Descriptor { get; }

    /// <summary>Opens one.</summary>
    /// <param name="interfaceIndex">The interface.</param>
    /// <param name="interfaceName">Its name.</param>
    /// <param name="family">The family.</param>
    /// <param name="isAuthenticated">IPv4: whether adverts come behind authentication headers.</param>
    /// <exception cref="KernelCallException">The kernel refuses.</exception>
    public static VrrpReceiver Open(int interfaceIndex, string interfaceName, IpFamily family, bool isAuthenticated)
    {
        string what = $"VRRP on {interfaceName}";
        bool isV6 = family == IpFamily.V6;
        SafeFileHandle socket = LibC.OpenSocket(
            isV6 ? VrrpAbi.AF_INET6 : VrrpAbi.AF_INET, LibC.SOCK_RAW | LibC.SOCK_NONBLOCK, isAuthenticated ? VrrpAbi.IPPROTO_AH : VrrpAbi.IPPROTO_VRRP, what);
        try
        {
            Span<byte> name = stackalloc byte[16];
            name.Clear();
            Encoding.UTF8.GetBytes(interfaceName, name[..15]);
            fixed (byte* first = name) LibC.Check(LibC.setsockopt(socket, LibC.SOL_SOCKET, VrrpAbi.SO_BINDTODEVICE, first, 16), "setsockopt SO_BINDTODEVICE", what);
            int zero = 0;
            if (isV6)
            {
                LibC.SetOption(socket, VrrpAbi.IPPROTO_IPV6, VrrpAbi.IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO", what);
                LibC.SetOption(socket, VrrpAbi.IPPROTO_IPV6, VrrpAbi.IPV6_RECVHOPLIMIT, 1, "IPV6_RECVHOPLIMIT", what);

                // Since Linux 4.20; without it other groups' packets of this interface come too, and are refused later.
                _ = LibC.setsockopt(socket, VrrpAbi.IPPROTO_IPV6, VrrpAbi.IPV6_MULTICAST_ALL, &zero, sizeof(int));
            }
            else
            {
                LibC.SetOption(socket, VrrpAbi.IPPROTO_IP, VrrpAbi.IP_MULTICAST_ALL, 0, "IP_MULTICAST_ALL", what);
            }

            return new VrrpReceiver(socket, family, interfaceIndex, what);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Gives the socket at least so much room for packets that wait; it never shrinks.</summary>
    /// <param name="octets">As SO_RCVBUF counts: twice as much is accounted.</param>
    /// <exception cref="KernelCallException">The kernel refuses.</exception>
    public void EnlargeBuffer(int octets)
    {
        if (octets <= _bufferOctets) return;
        _bufferOctets = octets;
        LibC.SetOption(_socket, LibC.SOL_SOCKET, LibC.SO_RCVBUFFORCE, octets, "SO_RCVBUFFORCE", _object);
    }

    /// <summary>Joins a group on the interface; once is enough.</summary>
    public void Join(IpAddress group)
    {
        if (!_groups.Add(group)) return;
        if (Family == IpFamily.V6)
        {
            var request = new VrrpAbi.ipv6_mreq { ipv6mr_interface = _interfaceIndex };
            group.Write(new Span<byte>(request.ipv6mr_multiaddr, 16));
            LibC.SetOption(_socket, VrrpAbi.IPPROTO_IPV6, VrrpAbi.IPV6_JOIN_GROUP, request, "IPV6_JOIN_GROUP", _object);
        }
        else
        {
            var request = new VrrpAbi.ip_mreqn { imr_ifindex = _interfaceIndex };
            group.Write(new Span<byte>(&request.imr_multiaddr, 4));
            LibC.SetOption(_socket, VrrpAbi.IPPROTO_IP, VrrpAbi.IP_ADD_MEMBERSHIP, request, "IP_ADD_MEMBERSHIP", _object);
        }
    }

    /// <summary>Takes one packet, if there is one.</summary>
    /// <param name="buffer">Room for the longest packet: what does not fit is cut, and then refused for its length.</param>
    /// <param name="packet">What came; borrowed from the buffer.</param>
    /// <returns>False when nothing waits, or the interface is gone.</returns>
    public bool TryReceive(Span<byte> buffer, out VrrpPacket packet)
    {
        packet = default;
        byte* control = stackalloc byte[SocketMessage.ControlOctets];
        int length = SocketMessage.Receive(Descriptor, buffer, control, out VrrpAbi.sockaddr_in6 source, out ControlReader messages);
        if (length < 0) return false;
        packet = new VrrpPacket { Octets = buffer[..length] };
        if (Family != IpFamily.V6) return true;
        packet = packet with { Source = Ipv6Address.Read(new ReadOnlySpan<byte>(source.sin6_addr, 16)) };
        ReadControl(messages, ref packet);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static void ReadControl(ControlReader messages, ref VrrpPacket packet)
    {
        while (messages.TryRead(out int level, out int type, out ReadOnlySpan<byte> data))
        {
            if (level == VrrpAbi.IPPROTO_IPV6 && type == VrrpAbi.IPV6_PKTINFO && data.Length >= 16) packet = packet with { Destination = Ipv6Address.Read(data) };
            if (level == VrrpAbi.IPPROTO_IPV6 && type == VrrpAbi.IPV6_HOPLIMIT && data.Length >= 4) packet = packet with { HopLimit = (byte)MemoryMarshal.Read<int>(data) };
        }
    }
}
