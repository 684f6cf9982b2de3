using System.Net.Sockets;
using NetVS.Health.Checks;

namespace NetVS.Health.Probes;

/// <summary>TCP_CHECK: connect and close; nothing is sent or read (reference §6.3).</summary>
/// <param name="target">Whom.</param>
/// <param name="connector">Connects, cheaper than the framework's sockets; null for those.</param>
internal sealed class TcpProbe(ProbeTarget target, ITcpConnector? connector = null) : IProbe
{
    /// <inheritdoc/>
    public string Target { get; } = target.ToString();

    /// <inheritdoc/>
    public async ValueTask<ProbeResult> AskAsync(int step, CancellationToken cancellation)
    {
        if (connector is not null) return Judge(await connector.ConnectAsync(target.EndPoint, target.Source, target.Interface, target.Mark, target.Patience).ConfigureAwait(false));
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

    private static ProbeResult Judge(SocketError error) => error switch
    {
        SocketError.Success => ProbeResult.Success,
        SocketError.TimedOut => ProbeResult.Failure("timed out while connecting"),
        _ => ProbeTarget.Judge(new SocketException((int)error)),
    };
}
