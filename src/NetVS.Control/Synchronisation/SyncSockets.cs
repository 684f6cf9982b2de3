// Reference §14.1.

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using NetVS.Packets;

namespace NetVS.Control.Synchronisation;

/// <summary>The UDP sockets of synchronisation.</summary>
internal static class SyncSockets
{
    private const int SOL_SOCKET = 1, SO_BINDTODEVICE = 25;
    private const int IPPROTO_IP = 0, IP_MULTICAST_IF = 32, IP_MTU_DISCOVER = 10, IP_PMTUDISC_DONT = 0;

    /// <summary>A socket that sends to the group's port, by the interface, fragmented where it must be; what it sends does not come back to this host.</summary>
    /// <exception cref="SocketException">The kernel refuses.</exception>
    public static Socket OpenSender(SyncEndpoint endpoint, int port, int bufferSize)
    {
        Socket socket = Open(endpoint);
        try
        {
            if (bufferSize > 0) socket.SendBufferSize = bufferSize;
            SocketOptionLevel level = endpoint.IsV6 ? SocketOptionLevel.IPv6 : SocketOptionLevel.IP;
            if (endpoint.IsV6)
            {
                socket.SetSocketOption(level, SocketOptionName.MulticastInterface, endpoint.InterfaceIndex);
            }
            else
            {
                // struct ip_mreqn: group, address, index.
                Span<byte> request = stackalloc byte[12];
                request.Clear();
                BinaryPrimitives.WriteInt32LittleEndian(request[8..], endpoint.InterfaceIndex);
                socket.SetRawSocketOption(IPPROTO_IP, IP_MULTICAST_IF, request);
                Span<byte> never = stackalloc byte[4];
                BinaryPrimitives.WriteInt32LittleEndian(never, IP_PMTUDISC_DONT);
                socket.SetRawSocketOption(IPPROTO_IP, IP_MTU_DISCOVER, never);
            }

            socket.SetSocketOption(level, SocketOptionName.MulticastTimeToLive, endpoint.Rule.Ttl);
            socket.SetSocketOption(level, SocketOptionName.MulticastLoopback, false);
            socket.Connect(new IPEndPoint(GroupOf(endpoint), port));
            socket.Blocking = false;
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A socket that hears the group's port on the interface.</summary>
    /// <exception cref="SocketException">The kernel refuses.</exception>
    public static Socket OpenReceiver(SyncEndpoint endpoint, int port, int bufferSize)
    {
        Socket socket = Open(endpoint);
        try
        {
            if (bufferSize > 0) socket.ReceiveBufferSize = bufferSize;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(GroupOf(endpoint), port));
            if (endpoint.IsV6)
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.AddMembership, new IPv6MulticastOption(GroupOf(endpoint), endpoint.InterfaceIndex));
            else
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(GroupOf(endpoint), endpoint.InterfaceIndex));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket Open(SyncEndpoint endpoint)
    {
        var socket = new Socket(endpoint.IsV6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.SetRawSocketOption(SOL_SOCKET, SO_BINDTODEVICE, Encoding.ASCII.GetBytes(endpoint.Rule.Interface));
        return socket;
    }

    private static IPAddress GroupOf(SyncEndpoint endpoint)
    {
        Span<byte> octets = stackalloc byte[Ipv6Address.Size];
        if (endpoint.IsV6)
        {
            endpoint.Rule.Group.V6.Write(octets);
            return new IPAddress(octets, endpoint.Rule.Group.V6.High >> 48 is 0xFF02 or 0xFF01 ? endpoint.InterfaceIndex : 0);
        }

        endpoint.Rule.Group.V4.Write(octets);
        return new IPAddress(octets[..Ipv4Address.Size]);
    }
}
