using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetVS.Linux.Native;
using NetVS.Linux.Vrrp;
using NetVS.Packets;

namespace NetVS.Linux.Udp;

/// <summary>Receives UDP datagrams on a port of all the host's addresses, with what .NET's Socket does not tell: the time to live they came with.</summary>
/// <remarks>Of the network namespace of the thread that opens it. Receiving allocates nothing. Thread: the owner's.</remarks>
public sealed unsafe class DatagramReceiver : IDisposable
{
    // Linux: include/uapi/linux/in.h.
    private const int IP_TTL = 2, IP_PKTINFO = 8, IP_RECVTTL = 12, IPV6_V6ONLY = 26;
    private readonly SafeFileHandle _socket;

    private DatagramReceiver(SafeFileHandle socket, IpFamily family, ushort port)
    {
        _socket = socket;
        Family = family;
        Port = port;
        Descriptor = (int)socket.DangerousGetHandle();
    }

    /// <summary>The family.</summary>
    public IpFamily Family { get; }

    /// <summary>The port.</summary>
    public ushort Port { get; }

    /// <summary>For poll(2).</summary>
    public int Descriptor { get; }

    /// <summary>Opens one.</summary>
    /// <param name="family">The family.</param>
    /// <param name="port">The port, host order.</param>
    /// <exception cref="KernelCallException">The kernel refuses: another program has the port.</exception>
    public static DatagramReceiver Open(IpFamily family, ushort port)
    {
        string what = $"UDP port {port}, {(family == IpFamily.V6 ? "IPv6" : "IPv4")}";
        bool isV6 = family == IpFamily.V6;
        SafeFileHandle socket = LibC.OpenSocket(isV6 ? VrrpAbi.AF_INET6 : VrrpAbi.AF_INET, LibC.SOCK_DGRAM | LibC.SOCK_NONBLOCK, 0, what);
        try
        {
            VrrpAbi.sockaddr_in6 any = new() { sin6_family = (ushort)(isV6 ? VrrpAbi.AF_INET6 : VrrpAbi.AF_INET), sin6_port = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(port) };
            if (isV6)
            {
                LibC.SetOption(socket, VrrpAbi.IPPROTO_IPV6, IPV6_V6ONLY, 1, "IPV6_V6ONLY", what);
                LibC.SetOption(socket, VrrpAbi.IPPROTO_IPV6, VrrpAbi.IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO", what);
                LibC.SetOption(socket, VrrpAbi.IPPROTO_IPV6, VrrpAbi.IPV6_RECVHOPLIMIT, 1, "IPV6_RECVHOPLIMIT", what);
            }
            else
            {
                LibC.SetOption(socket, VrrpAbi.IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO", what);
                LibC.SetOption(socket, VrrpAbi.IPPROTO_IP, IP_RECVTTL, 1, "IP_RECVTTL", what);
            }

            // An IPv4 address is shorter and begins as this one does: family, port, zeros.
            LibC.Check(LibC.bind(socket, &any, (uint)(isV6 ? sizeof(VrrpAbi.sockaddr_in6) : sizeof(VrrpAbi.sockaddr_in))), "bind", what);
            return new DatagramReceiver(socket, family, port);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes one datagram, if there is one.</summary>
    /// <param name="buffer">What does not fit is cut.</param>
    /// <param name="datagram">What came; borrowed from the buffer.</param>
    /// <returns>False when nothing waits.</returns>
    public bool TryReceive(Span<byte> buffer, out ReceivedDatagram datagram)
    {
        datagram = default;
        byte* control = stackalloc byte[SocketMessage.ControlOctets];
        int length = SocketMessage.Receive(Descriptor, buffer, control, out VrrpAbi.sockaddr_in6 source, out ControlReader messages);
        if (length < 0) return false;
        IpAddress from = Family == IpFamily.V6
            ? Ipv6Address.Read(new ReadOnlySpan<byte>(source.sin6_addr, 16))
            : Ipv4Address.Read(new ReadOnlySpan<byte>((byte*)&source + 4, 4));
        datagram = new ReceivedDatagram { Octets = buffer[..length], Source = from };
        ReadControl(messages, ref datagram);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static void ReadControl(ControlReader messages, ref ReceivedDatagram datagram)
    {
        while (messages.TryRead(out int level, out int type, out ReadOnlySpan<byte> data))
        {
            switch (level, type)
            {
                case (VrrpAbi.IPPROTO_IPV6, VrrpAbi.IPV6_PKTINFO) when data.Length >= 16:
                    datagram = datagram with { Destination = Ipv6Address.Read(data) };
                    break;

                // struct in_pktinfo: interface, local address, then the header's destination.
                case (VrrpAbi.IPPROTO_IP, IP_PKTINFO) when data.Length >= 12:
                    datagram = datagram with { Destination = Ipv4Address.Read(data[8..]) };
                    break;
                case (VrrpAbi.IPPROTO_IPV6, VrrpAbi.IPV6_HOPLIMIT) or (VrrpAbi.IPPROTO_IP, IP_TTL) when data.Length >= 4:
                    datagram = datagram with { TimeToLive = (byte)MemoryMarshal.Read<int>(data) };
                    break;
            }
        }
    }
}
