using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace NetVS.Lab.Peers;

/// <summary>Downloads and uploads a large body through a virtual service and compares hashes.</summary>
public static class TransferClient
{
    /// <summary>One download and one upload of <paramref name="length"/> octets; prints a line for each.</summary>
    /// <returns>Whether both arrived intact.</returns>
    public static async Task<bool> RunAsync(IPEndPoint target, long length, CancellationToken cancellation)
    {
        string expected = Hash(length);
        using var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(target, cancellation);
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        var reader = new HttpLines(stream);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /bytes/{length} HTTP/1.1\r\nHost: lab\r\n\r\n"), cancellation);
        HttpHead head = await reader.ReadHeadAsync(cancellation) ?? throw new InvalidDataException("no answer");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await reader.ReadBodyAsync(head.ContentLength, hash.AppendData, cancellation);
        bool downloaded = head.ContentLength == length && Convert.ToHexStringLower(hash.GetHashAndReset()) == expected;
        Console.WriteLine($"download of {length} octets: {(downloaded ? "intact" : "DAMAGED")}");

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"PUT /hash HTTP/1.1\r\nHost: lab\r\nContent-Length: {length}\r\n\r\n"), cancellation);
        byte[] block = new byte[1 << 16];
        for (long at = 0; at < length; at += block.Length)
        {
            int part = (int)Math.Min(block.Length, length - at);
            LabContent.Fill(at, block.AsSpan(0, part));
            await stream.WriteAsync(block.AsMemory(0, part), cancellation);
        }

        head = await reader.ReadHeadAsync(cancellation) ?? throw new InvalidDataException("no answer");
        var body = new List<byte>();
        await reader.ReadBodyAsync(head.ContentLength, span => body.AddRange(span), cancellation);
        bool uploaded = Encoding.ASCII.GetString([.. body]).TrimEnd().EndsWith(expected, StringComparison.Ordinal);
        Console.WriteLine($"upload of {length} octets: {(uploaded ? "intact" : "DAMAGED")}");
        return downloaded && uploaded;
    }

    private static string Hash(long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[1 << 16];
        for (long at = 0; at < length; at += block.Length)
        {
            int part = (int)Math.Min(block.Length, length - at);
            LabContent.Fill(at, block.AsSpan(0, part));
            hash.AppendData(block, 0, part);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
