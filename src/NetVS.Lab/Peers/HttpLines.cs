using System.Text;

namespace NetVS.Lab.Peers;

/// <summary>Reads HTTP/1.1 messages from a stream: heads of bounded size, bodies by Content-Length.</summary>
internal sealed class HttpLines(Stream stream)
{
    private const int MaxHead = 16 * 1024;
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    /// <summary>Reads the next head; null when the peer ended the connection between messages.</summary>
    /// <exception cref="InvalidDataException">Not HTTP, too long, or ended in the middle.</exception>
    public async Task<HttpHead?> ReadHeadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            int length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8);
            if (length >= 0)
            {
                HttpHead head = Parse(Encoding.ASCII.GetString(_buffer, _start, length));
                _start += length + 4;
                return head;
            }

            if (_end - _start > MaxHead) throw new InvalidDataException("the head is too long");
            if (!await FillAsync(cancellation))
                return _end == _start ? null : throw new InvalidDataException("the connection ended inside a head");
        }
    }

    /// <summary>Reads a body, handing out its parts.</summary>
    /// <exception cref="InvalidDataException">It ended early.</exception>
    public async Task ReadBodyAsync(long length, Action<ReadOnlySpan<byte>> take, CancellationToken cancellation)
    {
        while (length > 0)
        {
            if (_end == _start && !await FillAsync(cancellation)) throw new InvalidDataException("the connection ended inside a body");
            int part = (int)Math.Min(length, _end - _start);
            take(_buffer.AsSpan(_start, part));
            _start += part;
            length -= part;
        }
    }

    private async Task<bool> FillAsync(CancellationToken cancellation)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellation);
        _end += read;
        return read > 0;
    }

    private static HttpHead Parse(string text)
    {
        string[] lines = text.Split("\r\n");
        string[] first = lines[0].Split(' ');
        if (first.Length < 2) throw new InvalidDataException("not HTTP");
        long length = 0;
        bool close = false;
        string server = "";
        foreach (string line in lines.AsSpan(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0) continue;
            ReadOnlySpan<char> name = line.AsSpan(0, colon), value = line.AsSpan(colon + 1).Trim();
            if (name.Equals("content-length", StringComparison.OrdinalIgnoreCase) && !long.TryParse(value, out length))
                throw new InvalidDataException("a length that is no number");
            if (name.Equals("x-server", StringComparison.OrdinalIgnoreCase)) server = value.ToString();
            close |= name.Equals("connection", StringComparison.OrdinalIgnoreCase) && value.Equals("close", StringComparison.OrdinalIgnoreCase);
        }

        return new HttpHead(first[0], first[1], length, close) { Server = server };
    }
}
