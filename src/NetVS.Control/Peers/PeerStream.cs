using System.Net.Security;
using System.Net.Sockets;
using NetVS.Sync.Peers;

namespace NetVS.Control.Peers;

/// <summary>One authenticated connection of the peer channel: frames in, frames out, and neither side silent.</summary>
/// <remarks>Threads: one reads, one writes.</remarks>
internal sealed class PeerStream : IAsyncDisposable
{
    /// <summary>How long a handshake may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How long nothing may come before the other end is taken for dead; it says that it is alive every second.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private const int IPPROTO_TCP = 6, TCP_USER_TIMEOUT = 18;

    private readonly SslStream _stream;
    private readonly byte[] _buffer = new byte[2 * PeerWire.Longest];
    private readonly byte[] _frame = new byte[PeerWire.LongestWritten];
    private int _start;
    private int _end;

    private PeerStream(SslStream stream) => _stream = stream;

    /// <summary>Takes what has come and was not taken yet.</summary>
    public ReadOnlySpan<byte> Waiting => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Makes a channel of a connection: both ends prove the key and say hello.</summary>
    /// <param name="socket">The connection; the channel's from here on, whatever happens.</param>
    /// <param name="isDialler">Whether this end dialled.</param>
    /// <param name="key">The key.</param>
    /// <param name="instance">This run of the director.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="PeerException">The other end speaks another version, or is this director.</exception>
    public static async Task<PeerStream> OpenAsync(Socket socket, bool isDialler, PeerKey key, UInt128 instance, CancellationToken cancellation)
    {
        socket.NoDelay = true;
        Span<byte> limit = stackalloc byte[sizeof(int)];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(limit, (int)Silence.TotalMilliseconds);
        socket.SetRawSocketOption(IPPROTO_TCP, TCP_USER_TIMEOUT, limit);
        var channel = new PeerStream(new SslStream(new NetworkStream(socket, ownsSocket: true)));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            await (isDialler ? PeerTls.AuthenticateDialledAsync(channel._stream, key, patience.Token) : PeerTls.AuthenticateDiallerAsync(channel._stream, key, patience.Token));
            await channel.GreetAsync(instance, patience.Token);
            return channel;
        }
        catch
        {
            await channel.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes octets that are whole frames.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellation)
    {
        await _stream.WriteAsync(frames, cancellation);
        await _stream.FlushAsync(cancellation);
    }

    /// <summary>Writes a frame that is its kind.</summary>
    public Task WriteAsync(PeerFrameKind kind, CancellationToken cancellation) => WriteAsync(_frame.AsMemory(0, PeerFrameWriter.WriteEmpty(_frame, kind)), cancellation);

    /// <summary>Writes Begin or End.</summary>
    public Task WriteAsync(PeerFrameKind kind, long count, CancellationToken cancellation) =>
        WriteAsync(_frame.AsMemory(0, PeerFrameWriter.WriteCount(_frame, kind, (ulong)count)), cancellation);

    /// <summary>Waits until more has come; what was not taken stays.</summary>
    /// <exception cref="PeerException">The other end is silent or has closed.</exception>
    public async Task ReadMoreAsync(CancellationToken cancellation)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        silence.CancelAfter(Silence);
        int read;
        try
        {
            read = await _stream.ReadAsync(_buffer.AsMemory(_end), silence.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new PeerException($"nothing has come for {Silence.TotalSeconds:0} seconds");
        }

        if (read == 0) throw new PeerException("the other end has closed the connection");
        _end += read;
    }

    /// <summary>Notes how much of <see cref="Waiting"/> is left.</summary>
    public void Leave(int octets) => _start = _end - octets;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task GreetAsync(UInt128 instance, CancellationToken cancellation)
    {
        await WriteAsync(_frame.AsMemory(0, PeerFrameWriter.WriteHello(_frame, new PeerHello(PeerWire.Version, instance))), cancellation);
        PeerHello hello;
        while (!TryTakeHello(out hello)) await ReadMoreAsync(cancellation);
        if (hello.Version != PeerWire.Version) throw new PeerException($"the other end speaks version {hello.Version} of the format, this one {PeerWire.Version}");
        if (hello.Instance == instance) throw new PeerException("the other end is this director itself");
    }

    private bool TryTakeHello(out PeerHello hello)
    {
        hello = default;
        ReadOnlySpan<byte> waiting = Waiting;
        if (!PeerFrameReader.TryTakeFrame(ref waiting, out PeerFrameKind kind, out ReadOnlySpan<byte> body)) return false;
        if (kind != PeerFrameKind.Hello || !PeerFrameReader.TryReadHello(body, out hello)) throw new PeerException("the other end does not begin with a hello");
        Leave(waiting.Length);
        return true;
    }
}
