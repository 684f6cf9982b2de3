using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace NetVS.Lab.Peers;

/// <summary>Many clients at once, each opening a connection, asking a few times, closing, and beginning again.</summary>
public static class LoadClient
{
    /// <summary>Requests on one connection before it is closed.</summary>
    private const int RequestsPerConnection = 20;

    /// <summary>What stands for the server's name where no answer told it.</summary>
    public const string BeforeAnAnswer = "before-an-answer";

    // When the last connection began that got no answer at all, in milliseconds since 1970. Written by all clients.
    private static long s_unansweredSince;

    /// <summary>Runs the clients for a while and prints what came of it: one line a server, one line for losses by server.</summary>
    /// <remarks>Where connections got no answer at all, one line more tells when the last of them began, in milliseconds since 1970.</remarks>
    /// <param name="target">The virtual service.</param>
    /// <param name="clients">How many clients run side by side.</param>
    /// <param name="duration">For how long new requests begin.</param>
    /// <param name="patience">How long an answer may take before the request counts as lost.</param>
    public static async Task RunAsync(IPEndPoint target, int clients, TimeSpan duration, TimeSpan patience)
    {
        var answered = new ConcurrentDictionary<string, long>();
        var lost = new ConcurrentDictionary<string, long>();
        using var end = new CancellationTokenSource(duration);
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async n =>
        {
            // The clients begin over the first second, not in one burst of SYNs that no listen queue holds.
            await Task.Delay(TimeSpan.FromMilliseconds(1000.0 * n / clients));
            while (!end.IsCancellationRequested) await ConnectAsync(target, patience, answered, lost, end.Token);
        }));
        foreach ((string server, long count) in answered.OrderBy(p => p.Key, StringComparer.Ordinal)) Console.WriteLine($"answered {server} {count}");
        foreach ((string server, long count) in lost.OrderBy(p => p.Key, StringComparer.Ordinal)) Console.WriteLine($"lost {server} {count}");
        if (lost.ContainsKey(BeforeAnAnswer)) Console.WriteLine($"began-last {BeforeAnAnswer} {s_unansweredSince}");
    }

    private static async Task ConnectAsync(IPEndPoint target, TimeSpan patience, ConcurrentDictionary<string, long> answered,
        ConcurrentDictionary<string, long> lost, CancellationToken end)
    {
        string server = BeforeAnAnswer;
        long began = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        try
        {
            using var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using (var limit = new CancellationTokenSource(patience)) await socket.ConnectAsync(target, limit.Token);
            await using var stream = new NetworkStream(socket, ownsSocket: false);
            var reader = new HttpLines(stream);
            byte[] request = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {target}\r\n\r\n");
            for (int i = 0; i < RequestsPerConnection && !end.IsCancellationRequested; i++)
            {
                using var limit = new CancellationTokenSource(patience);
                await stream.WriteAsync(request, limit.Token);
                HttpHead head = await reader.ReadHeadAsync(limit.Token) ?? throw new InvalidDataException("closed before an answer");
                var body = new List<byte>();
                await reader.ReadBodyAsync(head.ContentLength, span => body.AddRange(span), limit.Token);
                server = Encoding.ASCII.GetString([.. body]).Split(' ')[0];
                answered.AddOrUpdate(server, 1, static (_, n) => n + 1);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or InvalidDataException)
        {
            lost.AddOrUpdate(server, 1, static (_, n) => n + 1);
            if (server == BeforeAnAnswer) RememberLatest(began);
        }
    }

    private static void RememberLatest(long began)
    {
        for (long seen = Volatile.Read(ref s_unansweredSince); began > seen;)
        {
            long found = Interlocked.CompareExchange(ref s_unansweredSince, began, seen);
            if (found == seen) return;
            seen = found;
        }
    }
}
