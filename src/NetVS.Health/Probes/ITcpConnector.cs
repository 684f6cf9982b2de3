using System.Net;
using System.Net.Sockets;

namespace NetVS.Health.Probes;

/// <summary>Tries TCP connections: connects, and closes at once.</summary>
public interface ITcpConnector
{
    /// <summary>Connects.</summary>
    /// <param name="target">To whom.</param>
    /// <param name="source">From where; null for what the kernel chooses.</param>
    /// <param name="device">The interface it leaves by; null for any.</param>
    /// <param name="mark">The firewall mark; 0 for none.</param>
    /// <param name="patience">How long it may take.</param>
    /// <returns>Success, <see cref="SocketError.TimedOut"/> when the time was over, or why not. What awaits it goes on where it ended, and must not wait long.</returns>
    Task<SocketError> ConnectAsync(IPEndPoint target, IPEndPoint? source, string? device, uint mark, TimeSpan patience);
}
