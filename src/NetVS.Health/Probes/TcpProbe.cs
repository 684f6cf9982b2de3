using System.Net.Sockets;
using NetVS.Health.Checks;

namespace NetVS.Health.Probes;

/// <summary>TCP_CHECK: connect and close; nothing is sent or read (reference §6.3).</summary>
internal sealed class TcpProbe(ProbeTarget target) : IProbe
{
    /// <inheritdoc/>
    public string Target { get; } = target.ToString();

    /// <inheritdoc/>
    public async ValueTask<ProbeResult> AskAsync(int step, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(target.Patience);
        try
        {
            using Socket socket = target.Open(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(target.EndPoint, patience.Token).ConfigureAwait(false);
            return ProbeResult.Success;
        }
        catch (SocketException error)
        {
            return ProbeTarget.Judge(error);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ProbeResult.Failure("timed out while connecting");
        }
    }
}
