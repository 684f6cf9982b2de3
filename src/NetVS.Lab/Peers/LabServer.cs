using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace NetVS.Lab.Peers;

/// <summary>The labs' own HTTP/1.1 server: says who it is and whom it sees, sends and hashes large bodies.</summary>
/// <remarks>
/// GET / answers "NAME saw CLIENT:PORT"; GET /bytes/N sends N octets that <see cref="LabContent"/> defines; PUT /hash answers
/// the SHA-256 of the body. A banner port speaks first, as FTP and SMTP servers do. Stands in for nginx where that is missing.
/// </remarks>
public static class LabServer
{
    /// <summary>Serves until cancelled.</summary>
    /// <param name="name">Who it says it is.</param>
    /// <param name="port">The TCP port, on every address of both families.</param>
    /// <param name="banner">A line to greet with instead of speaking HTTP, or null.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task RunAsync(string name, int port, string? banner, CancellationToken cancellation)
    {
        using var listener = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
        listener.Listen(4096);
        Console.WriteLine($"serving on port {port}");
        while (!cancellation.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await listener.AcceptAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                continue;
            }

            _ = ServeAsync(name, banner, client, cancellation);
        }
    }

    private static async Task ServeAsync(string name, string? banner, Socket client, CancellationToken cancellation)
    {
        try
        {
            client.NoDelay = true;
            string seen = Describe(client.RemoteEndPoint);
            await using var stream = new NetworkStream(client, ownsSocket: true);
            if (banner is not null)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"{banner}\r\n"), cancellation);
                return;
            }

            var reader = new HttpLines(stream);
            while (await reader.ReadHeadAsync(cancellation) is { } head)
            {
                await AnswerAsync(name, seen, head, reader, stream, cancellation);
                if (head.WantsClose) return;
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or InvalidDataException)
        {
            // The client went away or talks nonsense: its connection ends, nobody else's.
        }
    }

    private static async Task AnswerAsync(string name, string seen, HttpHead head, HttpLines reader, Stream stream, CancellationToken cancellation)
    {
        if (head.Method == "GET" && head.Path.StartsWith("/bytes/", StringComparison.Ordinal) &&
            long.TryParse(head.Path.AsSpan(7), out long length) && length >= 0)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nX-Server: {name}\r\n\r\n"), cancellation);
            byte[] block = new byte[1 << 16];
            for (long at = 0; at < length; at += block.Length)
            {
                int part = (int)Math.Min(block.Length, length - at);
                LabContent.Fill(at, block.AsSpan(0, part));
                await stream.WriteAsync(block.AsMemory(0, part), cancellation);
            }

            return;
        }

        string body = $"{name} saw {seen}\n";
        if (head.ContentLength > 0)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await reader.ReadBodyAsync(head.ContentLength, hash.AppendData, cancellation);
            if (head.Path == "/hash") body = $"{name} {Convert.ToHexStringLower(hash.GetHashAndReset())}\n";
        }

        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\nX-Server: {name}\r\n\r\n{body}"), cancellation);
    }

    private static string Describe(EndPoint? remote) => remote is IPEndPoint { Address: var address, Port: var port }
        ? $"{(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)}:{port}"
        : "nobody";
}
