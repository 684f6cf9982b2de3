using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace NetVS.Lab.Peers;

/// <summary>One TCP connection of the soak's client; its owner uses it alone.</summary>
internal sealed class SoakConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly HttpLines _reader;

    private SoakConnection(Socket socket, long began)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: false);
        _reader = new HttpLines(_stream);
        Began = LastUsed = began;
    }

    /// <summary>When its handshake began; milliseconds since 1970.</summary>
    public long Began { get; }

    /// <summary>When its last answer came; milliseconds since 1970.</summary>
    public long LastUsed { get; private set; }

    /// <summary>The real server that answered on it; empty before.</summary>
    public string Server { get; private set; } = "";

    /// <summary>Connects.</summary>
    public static async Task<SoakConnection> OpenAsync(SoakTarget target, long began, CancellationToken limit)
    {
        var socket = new Socket(target.Endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(target.Endpoint, limit);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return new SoakConnection(socket, began);
    }

    /// <summary>Asks for content and compares it.</summary>
    /// <param name="length">Octets.</param>
    /// <param name="isLast">The server is to close the connection behind its answer.</param>
    /// <param name="limit">Until when the answer must have come.</param>
    /// <exception cref="WrongAnswerException">It is not the content that was asked for.</exception>
    public async Task DownloadAsync(long length, bool isLast, CancellationToken limit)
    {
        await SendAsync($"GET /bytes/{length.ToString(CultureInfo.InvariantCulture)} HTTP/1.1\r\n{(isLast ? "Connection: close\r\n" : "")}\r\n", 0, limit);
        HttpHead head = await ReadHeadAsync(limit);
        if (head.ContentLength != length) throw new WrongAnswerException($"{head.ContentLength} octets are announced where {length} were asked for");
        long position = 0;
        long? different = null;
        await _reader.ReadBodyAsync(length, part =>
        {
            different ??= LabContent.FindDifference(position, part);
            position += part.Length;
        }, limit);
        if (different is { } at) throw new WrongAnswerException($"the answer is wrong from octet {at} on");
        Note(head);
    }

    /// <summary>Sends content and compares the hash that the server answers.</summary>
    /// <exception cref="WrongAnswerException">It is another one.</exception>
    public async Task UploadAsync(int length, CancellationToken limit)
    {
        await SendAsync($"PUT /hash HTTP/1.1\r\nContent-Length: {length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n", length, limit);
        HttpHead head = await ReadHeadAsync(limit);
        var body = new List<byte>();
        await _reader.ReadBodyAsync(head.ContentLength, part => body.AddRange(part), limit);
        string hash = Encoding.ASCII.GetString([.. body]).TrimEnd().Split(' ')[^1];
        if (hash != LabContent.Hash(length)) throw new WrongAnswerException($"the server has taken in something else: {hash}");
        Note(head);
    }

    /// <summary>Ends it by a reset instead of FIN when it is disposed.</summary>
    public void ResetAtEnd() => _socket.LingerState = new LingerOption(enable: true, seconds: 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private async Task SendAsync(string head, int length, CancellationToken limit)
    {
        byte[] octets = new byte[head.Length + length];
        Encoding.ASCII.GetBytes(head, octets);
        LabContent.Fill(0, octets.AsSpan(head.Length));
        await _stream.WriteAsync(octets, limit);
    }

    private async Task<HttpHead> ReadHeadAsync(CancellationToken limit) =>
        await _reader.ReadHeadAsync(limit) ?? throw new InvalidDataException("closed before an answer");

    private void Note(HttpHead head)
    {
        // A connection stays on one real server from its beginning to its end.
        if (Server.Length > 0 && head.Server != Server) throw new WrongAnswerException($"{head.Server} answers on a connection of {Server}");
        Server = head.Server;
        LastUsed = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    }
}
