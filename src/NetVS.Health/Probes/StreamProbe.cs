using System.Net.Sockets;
using NetVS.Health.Checks;

namespace NetVS.Health.Probes;

/// <summary>What checks that talk over a connection have in common: connect, talk, and a word for whatever goes wrong.</summary>
/// <remarks>
/// Each step of a conversation has the check's whole patience, and the conversation as a whole <see cref="MostSteps"/> times that: a server that sends one
/// octet now and then ends too.
/// </remarks>
internal abstract class StreamProbe(ProbeTarget target) : IProbe
{
    /// <summary>How many times its patience a conversation may take.</summary>
    public const int MostSteps = 20;

    /// <inheritdoc/>
    public string Target { get; } = target.ToString();

    /// <summary>Whom it asks.</summary>
    protected ProbeTarget Server { get; } = target;

    /// <inheritdoc/>
    public async ValueTask<ProbeResult> AskAsync(int step, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var whole = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
        patience.CancelAfter(Server.Patience);
        whole.CancelAfter((int)Math.Clamp(Server.Patience.TotalMilliseconds * MostSteps, 1, int.MaxValue));
        string doing = "connecting";
        try
        {
            using Socket socket = Server.Open(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(Server.EndPoint, patience.Token).ConfigureAwait(false);
            doing = "talking";
            using var stream = new NetworkStream(socket, ownsSocket: false);
            return await TalkAsync(stream, step, new ProbePatience(patience, Server.Patience, whole.Token)).ConfigureAwait(false);
        }
        catch (SocketException error)
        {
            return ProbeTarget.Judge(error);
        }
        catch (IOException error)
        {
            return ProbeResult.Failure(error.InnerException is SocketException inner ? ProbeTarget.Describe(inner) : error.Message);
        }
        catch (System.Security.Authentication.AuthenticationException error)
        {
            return ProbeResult.Failure($"TLS: {(error.InnerException ?? error).Message}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ProbeResult.Failure(whole.IsCancellationRequested && !patience.IsCancellationRequested ? "the answer does not end" : $"timed out while {doing}");
        }
    }

    /// <summary>Talks.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="step">The check's step.</param>
    /// <param name="patience">To be renewed after each answer.</param>
    protected internal abstract Task<ProbeResult> TalkAsync(Stream stream, int step, ProbePatience patience);
}
