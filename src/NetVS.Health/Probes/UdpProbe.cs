using System.Net.Sockets;
using System.Text;
using NetVS.Health.Checks;
using NetVS.Keepalived.Model;

namespace NetVS.Health.Probes;

/// <summary>UDP_CHECK: a datagram is sent; a refusal by ICMP is a failure, silence a success unless an answer is required (reference §6.7).</summary>
internal sealed class UdpProbe(ProbeTarget target, UdpCheck check) : IProbe
{
    private static readonly byte[] s_payload = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("keepalived check - ", 2)))[..32];
    private readonly byte[] _payload = check.Payload is { } given ? [.. given] : s_payload;

    /// <inheritdoc/>
    public string Target { get; } = target.ToString();

    /// <inheritdoc/>
    public async ValueTask<ProbeResult> AskAsync(int step, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(target.Patience);
        Socket? socket = null;
        try
        {
            socket = target.Open(SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(target.EndPoint, patience.Token).ConfigureAwait(false);
        }
        catch (SocketException error)
        {
            socket?.Dispose();
            return ProbeTarget.Judge(error);
        }

        using (socket)
        {
            try
            {
                await socket.SendAsync(_payload, patience.Token).ConfigureAwait(false);
                byte[] answer = new byte[65536];
                int length = await socket.ReceiveAsync(answer, patience.Token).ConfigureAwait(false);
                return Judge(answer.AsSpan(0, length));
            }
            catch (SocketException error)
            {
                return ProbeResult.Failure(ProbeTarget.Describe(error));
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return check.RequiresReply ? ProbeResult.Failure("no answer in time") : ProbeResult.Success;
            }
        }
    }

    /// <summary>What an answer says.</summary>
    internal ProbeResult Judge(ReadOnlySpan<byte> answer)
    {
        if (!check.RequiresReply) return ProbeResult.Success;
        if (answer.Length < check.MinReplyLength || answer.Length > check.MaxReplyLength)
            return ProbeResult.Failure($"an answer of {answer.Length} octets, not {check.MinReplyLength} to {check.MaxReplyLength}");
        if (check.Reply is not { } wanted) return ProbeResult.Success;
        for (int i = 0; i < Math.Min(answer.Length, wanted.Count); i++)
        {
            byte mask = check.ReplyMask?[i] ?? 0xFF;
            if (((answer[i] ^ wanted[i]) & mask) != 0) return ProbeResult.Failure($"the answer differs at octet {i}");
        }

        return ProbeResult.Success;
    }
}
