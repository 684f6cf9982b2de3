using System.Net;
using System.Net.Sockets;

namespace NetVS.Lab.Peers;

/// <summary>The labs' UDP server: answers each request of <see cref="DatagramExchange"/> from the address that was asked.</summary>
public static class DatagramServer
{
    /// <summary>Serves a port of one address until cancelled.</summary>
    /// <param name="name">Who it says it is.</param>
    /// <param name="endpoint">Where it listens; a wildcard would answer from another address than the one that was asked.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task RunAsync(string name, IPEndPoint endpoint, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.ReceiveBufferSize = 1 << 20;
        socket.Bind(endpoint);
        byte[] request = new byte[1 << 16];
        EndPoint anyone = new IPEndPoint(endpoint.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                SocketReceiveFromResult got = await socket.ReceiveFromAsync(request, anyone, cancellation);
                if (DatagramExchange.Answer(name, request.AsSpan(0, got.ReceivedBytes)) is { } answer) await socket.SendToAsync(answer, got.RemoteEndPoint, cancellation);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // A client that has gone away, or a path that has become narrower: the next request is another one.
            }
        }
    }
}
