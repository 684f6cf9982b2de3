// RFC 5321, as much of it as a relay of one's own needs; what is written in it: keepalived reference §10.4.
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using NetVS.Keepalived.Model;

namespace NetVS.Scripts;

/// <summary>Sends mail about what happens, one after the other.</summary>
/// <remarks>
/// A mail that cannot be sent is given up, and the log says why. Of mails that wait, 256 are kept. Threads: any; sending has a task of its own.
/// </remarks>
public sealed class MailQueue : IDisposable
{
    private const int MostWaiting = 256, LongestReply = 64 * 1024;
    private static readonly TimeSpan s_patienceAtEnd = TimeSpan.FromSeconds(2);
    private readonly Channel<(string Subject, string Body)> _waiting = Channel.CreateBounded<(string, string)>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly CancellationTokenSource _end = new();
    private readonly Action<string> _log;
    private readonly Task _sending;
    private GlobalDefinitions? _settings;

    /// <summary>Begins without anywhere to send to.</summary>
    public MailQueue(Action<string> log)
    {
        _log = log;
        _sending = Task.Run(SendAllAsync);
    }

    /// <summary>Takes a configuration: from now on mail goes by it. Without a server, or without recipients, there is none.</summary>
    public void Configure(GlobalDefinitions global)
    {
        ArgumentNullException.ThrowIfNull(global);
        Volatile.Write(ref _settings, global.Mail is { Server: not null, Recipients.Count: > 0 } ? global : null);
    }

    /// <summary>Sends a mail after those before it. Returns at once.</summary>
    /// <param name="subject">Without the router's name, which is put in front.</param>
    /// <param name="body">One line.</param>
    public void Send(string subject, string body)
    {
        if (Volatile.Read(ref _settings) is not null && !_waiting.Writer.TryWrite((subject, body))) _log($"mail: '{subject}' is not sent: {MostWaiting} wait already");
    }

    /// <summary>Sends what waits, for two seconds at most.</summary>
    public void Dispose()
    {
        if (!_waiting.Writer.TryComplete()) return;
        if (!_sending.Wait(s_patienceAtEnd)) _end.Cancel();
        _sending.Wait();
        _end.Dispose();
    }

    private async Task SendAllAsync()
    {
        try
        {
            await foreach ((string subject, string body) in _waiting.Reader.ReadAllAsync(_end.Token).ConfigureAwait(false))
            {
                if (Volatile.Read(ref _settings) is not { } settings) continue;
                try
                {
                    await SendAsync(settings, subject, body).ConfigureAwait(false);
                }
                catch (Exception e) when (e is SocketException or IOException or InvalidDataException || (e is OperationCanceledException && !_end.IsCancellationRequested))
                {
                    string why = e is OperationCanceledException ? "it takes too long to answer" : e.Message;
                    _log($"mail: '{subject}' is not sent: {settings.Mail.Server} port {settings.Mail.Port}: {why}");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The daemon ends.
        }
    }

    private async Task SendAsync(GlobalDefinitions settings, string subject, string body)
    {
        MailSettings mail = settings.Mail;
        string host = Environment.MachineName, from = Clean(mail.From ?? $"{Environment.UserName}@{host}");
        using var client = new TcpClient();
        using (CancellationTokenSource limit = Limit(mail)) await client.ConnectAsync(mail.Server!, mail.Port, limit.Token).ConfigureAwait(false);
        Stream stream = client.GetStream();
        await AskAsync(mail, stream, null, "220").ConfigureAwait(false);
        await AskAsync(mail, stream, $"HELO {Clean(mail.HeloName ?? host)}", "250").ConfigureAwait(false);
        await AskAsync(mail, stream, $"MAIL FROM:<{from}>", "250").ConfigureAwait(false);
        foreach (string recipient in mail.Recipients) await AskAsync(mail, stream, $"RCPT TO:<{Clean(recipient)}>", "250").ConfigureAwait(false);
        await AskAsync(mail, stream, "DATA", "354").ConfigureAwait(false);
        string date = DateTimeOffset.Now.ToString("ddd, dd MMM yyyy HH:mm:ss zzz", CultureInfo.InvariantCulture).Remove(29, 1);
        string[] lines =
        [
            $"Date: {date}", $"From: {from}", $"Subject: [{Clean(settings.RouterId ?? host)}] {Clean(subject)}", "X-Mailer: NetVS",
            $"To: {string.Join(", ", mail.Recipients.Select(Clean))}", "", Clean(body), ".",
        ];
        await AskAsync(mail, stream, string.Join("\r\n", lines), "250").ConfigureAwait(false);
        await AskAsync(mail, stream, "QUIT", "221").ConfigureAwait(false);
    }

    private CancellationTokenSource Limit(MailSettings mail)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        limit.CancelAfter(mail.Timeout);
        return limit;
    }

    private async Task AskAsync(MailSettings mail, Stream stream, string? line, string expected)
    {
        using CancellationTokenSource limit = Limit(mail);
        if (line is not null) await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), limit.Token).ConfigureAwait(false);
        var reply = new StringBuilder();
        byte[] buffer = new byte[1024];
        while (true)
        {
            int length = await stream.ReadAsync(buffer, limit.Token).ConfigureAwait(false);
            if (length == 0) throw new InvalidDataException("it ends the connection");
            reply.Append(Encoding.Latin1.GetString(buffer, 0, length));
            if (reply.Length > LongestReply) throw new InvalidDataException("its reply has no end");
            string text = reply.ToString();
            if (!text.EndsWith('\n')) continue;

            // A reply of several lines has a hyphen after the code in all but the last (RFC 5321 §4.2.1).
            string last = text.TrimEnd('\r', '\n').Split('\n')[^1];
            if (last.Length > 3 && last[3] == '-') continue;
            if (!last.StartsWith(expected, StringComparison.Ordinal)) throw new InvalidDataException($"to {line?.Split('\r')[0] ?? "the connection"} it says {Clean(last)}");
            return;
        }
    }

    // Names come from the configuration: none may begin a line of its own, nor the end of the message.
    private static string Clean(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
}
