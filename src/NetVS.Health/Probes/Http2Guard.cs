// RFC 9113 §4.1: what frames look like; §10.5: what a peer can do with them.
namespace NetVS.Health.Probes;

/// <summary>A connection of HTTP/2 on which a server may send only so much that is no body: headers, and frames that want an answer.</summary>
/// <remarks>
/// The framework answers SETTINGS and PING, and keeps the answers for as long as the server does not take them. So a server could fill this host's memory
/// with small frames, and keep it busy with headers that go on and on. Nothing is read of a frame but its length and its type.
/// </remarks>
internal sealed class Http2Guard(Stream connection) : Stream
{
    /// <summary>The most octets that may come in frames that hold no body, their heads included: twice what a header may be long.</summary>
    public const int Most = 2 * HttpProbe.MostHeader;

    private const int HeadSize = 9, TypeAt = 3;
    private const byte DataFrame = 0;
    private readonly byte[] _head = new byte[HeadSize];
    private int _headSize;
    private int _left;
    private bool _isBody;
    private int _octets;

    /// <summary>Why it gave up; null for not.</summary>
    public string? Problem { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int length = await connection.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Count(buffer.Span[..length]);
        return Problem is null ? length : throw new IOException(Problem);
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => connection.WriteAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => connection.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override void Flush() => connection.Flush();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) connection.Dispose();
        base.Dispose(disposing);
    }

    private void Count(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty && Problem is null)
        {
            int part = Math.Min(_left > 0 ? _left : HeadSize - _headSize, octets.Length);
            if (_left == 0)
            {
                TakeHead(octets[..part]);
            }
            else
            {
                _left -= part;
                if (!_isBody) _octets += part;
            }

            if (_octets > Most) Problem = $"more than {Most >> 10} KiB of headers and control frames";
            octets = octets[part..];
        }
    }

    // Three octets of length, one of type; flags and stream do not matter here.
    private void TakeHead(ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(_head.AsSpan(_headSize));
        _headSize += octets.Length;
        if (_headSize < HeadSize) return;
        _headSize = 0;
        _left = (_head[0] << 16) | (_head[1] << 8) | _head[2];

        // A body's last frame may be empty. More than that is a flood too.
        _isBody = _head[TypeAt] == DataFrame && _left > 0;
        if (!_isBody) _octets += HeadSize;
        if (_head.AsSpan().StartsWith("HTTP/1."u8)) Problem = "it answers in HTTP/1";
    }
}
