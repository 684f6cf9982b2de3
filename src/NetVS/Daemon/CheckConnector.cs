using System.Net;
using System.Net.Sockets;
using NetVS.Health.Probes;
using NetVS.Linux.Tcp;

namespace NetVS.Daemon;

/// <summary>Connects for the health checks with system calls of their own, on one thread.</summary>
internal sealed class CheckConnector : ITcpConnector, IDisposable
{
    private readonly TcpConnector _connector = new();

    /// <inheritdoc/>
    public Task<SocketError> ConnectAsync(IPEndPoint target, IPEndPoint? source, string? device, uint mark, TimeSpan patience)
    {
        // Not run elsewhere: a change of threads costs as much as all else here.
        var ended = new TaskCompletionSource<SocketError>();
        _connector.Connect(new ConnectRequest
        {
            Target = Serialize(target), Source = source is null ? default : Serialize(source), ReusesPort = source is { Port: not 0 },
            Interface = device, Mark = mark, Patience = patience, Completed = ended.SetResult,
        });
        return ended.Task;
    }

    /// <inheritdoc/>
    public void Dispose() => _connector.Dispose();

    // The framework keeps addresses as the system's struct sockaddr.
    private static Memory<byte> Serialize(IPEndPoint endpoint)
    {
        SocketAddress address = endpoint.Serialize();
        return address.Buffer[..address.Size];
    }
}
