// RFC 1035 §4.1; reference §6.6.
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using NetVS.Health.Checks;
using NetVS.Keepalived.Model;

namespace NetVS.Health.Probes;

/// <summary>DNS_CHECK: one question over UDP; a datagram with the same id, QR set and RCODE 0 is success, whatever it answers, unless answers are wanted.</summary>
internal sealed class DnsProbe(ProbeTarget target, DnsCheck check) : IProbe
{
    private const int HeaderSize = 12;

    private static readonly Dictionary<string, ushort> s_types = new()
    {
        ["A"] = 1, ["NS"] = 2, ["CNAME"] = 5, ["SOA"] = 6, ["MX"] = 15, ["TXT"] = 16, ["AAAA"] = 28, ["RRSIG"] = 46, ["DNSKEY"] = 48,
    };

    /// <inheritdoc/>
    public string Target { get; } = $"{target} {check.Type} {check.Question}";

    private readonly string[] _wanted = [.. check.Answers.Select(a => DnsAnswer.Normalise(a, check.Type)).OfType<string>()];

    /// <inheritdoc/>
    public async ValueTask<ProbeResult> AskAsync(int step, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(target.Patience);
        try
        {
            using Socket socket = target.Open(SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(target.EndPoint, patience.Token).ConfigureAwait(false);
            byte[] question = MakeQuestion((ushort)RandomNumberGenerator.GetInt32(65536));
            await socket.SendAsync(question, patience.Token).ConfigureAwait(false);
            byte[] answer = new byte[4096];
            while (true)
            {
                int length = await socket.ReceiveAsync(answer, patience.Token).ConfigureAwait(false);
                if (Judge(question, answer.AsSpan(0, length)) is { } result) return result;
            }
        }
        catch (SocketException error)
        {
            return ProbeTarget.Judge(error);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ProbeResult.Failure("no answer in time");
        }
    }

    /// <summary>What a datagram says; null if it is no answer to the question.</summary>
    internal ProbeResult? Judge(ReadOnlySpan<byte> question, ReadOnlySpan<byte> answer)
    {
        if (answer.Length < HeaderSize || !answer[..2].SequenceEqual(question[..2]) || (answer[2] & 0x80) == 0) return null;
        int code = answer[3] & 0xF;
        return code == 0 ? Compare(answer) : ProbeResult.Failure($"RCODE {code}{code switch { 1 => " (FORMERR)", 2 => " (SERVFAIL)", 3 => " (NXDOMAIN)", 5 => " (REFUSED)", _ => "" }}");
    }

    private ProbeResult Compare(ReadOnlySpan<byte> answer)
    {
        if (_wanted.Length == 0) return ProbeResult.Success;
        if (DnsAnswer.Read(answer, s_types[check.Type]) is not { } values) return ProbeResult.Failure("the answer is broken");
        string[] missing = [.. _wanted.Except(values)];
        if (missing.Length == 0) return ProbeResult.Success;
        string there = values.Count == 0 ? "no record of that type" : AnswerText.Clean(string.Join(", ", values), 200);
        return ProbeResult.Failure($"{string.Join(", ", missing)} is not in the answer: {there}");
    }

    /// <summary>The query: recursion desired, one question, class IN.</summary>
    internal byte[] MakeQuestion(ushort id)
    {
        string[] labels = check.Question.TrimEnd('.').Split('.', StringSplitOptions.RemoveEmptyEntries);
        var message = new byte[HeaderSize + labels.Sum(l => l.Length + 1) + 1 + 4];
        BinaryPrimitives.WriteUInt16BigEndian(message, id);
        message[2] = 1;
        message[5] = 1;
        int at = HeaderSize;
        foreach (string label in labels)
        {
            message[at++] = (byte)label.Length;
            at += Encoding.ASCII.GetBytes(label, message.AsSpan(at));
        }

        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(at + 1), s_types[check.Type]);
        message[^1] = 1;
        return message;
    }
}
