using System.Text;
using NetVS.Health.Checks;

namespace NetVS.Health.Probes;

/// <summary>SMTP_CHECK: 220, HELO, 250, QUIT, any line (reference §6.5). A reply is three digits and a blank: <c>220-</c> fails, as keepalived has it.</summary>
internal sealed class SmtpProbe(ProbeTarget target, string heloName) : StreamProbe(target)
{
    // RFC 5321 §4.5.3.1.5 allows 512 octets for a reply line.
    private const int LongestLine = 1024;

    /// <inheritdoc/>
    protected internal override async Task<ProbeResult> TalkAsync(Stream stream, int step, ProbePatience patience)
    {
        string? line = await ReadLineAsync(stream, patience).ConfigureAwait(false);
        if (!IsReply(line, "220")) return Unexpected("220", "its greeting", line);
        await SayAsync(stream, $"HELO {heloName}\r\n", patience).ConfigureAwait(false);
        line = await ReadLineAsync(stream, patience).ConfigureAwait(false);
        if (!IsReply(line, "250")) return Unexpected("250", "HELO", line);
        await SayAsync(stream, "QUIT\r\n", patience).ConfigureAwait(false);
        return await ReadLineAsync(stream, patience).ConfigureAwait(false) is null
            ? ProbeResult.Failure("it closed the connection instead of answering QUIT")
            : ProbeResult.Success;
    }

    private static bool IsReply(string? line, string code) => line is not null && line.StartsWith(code + ' ', StringComparison.Ordinal);

    private static ProbeResult Unexpected(string wanted, string what, string? line) =>
        ProbeResult.Failure(line is null ? $"it closed the connection at {what}" : $"it answered {what} with '{AnswerText.Clean(line, 80)}', not {wanted}");

    private static async Task SayAsync(Stream stream, string line, ProbePatience patience) =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes(line), patience.Token).ConfigureAwait(false);

    private static async Task<string?> ReadLineAsync(Stream stream, ProbePatience patience)
    {
        patience.Renew();
        byte[] one = new byte[1];
        var line = new StringBuilder();
        while (line.Length < LongestLine)
        {
            if (await stream.ReadAsync(one, patience.Token).ConfigureAwait(false) == 0) return null;
            if (one[0] == '\n') return line.ToString().TrimEnd('\r');
            line.Append((char)one[0]);
        }

        return line.ToString();
    }
}
