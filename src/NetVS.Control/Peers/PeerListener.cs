using System.Net;
using System.Net.Sockets;
using NetVS.Control.Synchronisation;
using NetVS.Director;

namespace NetVS.Control.Peers;

/// <summary>Takes those who dial: who proves the key is told.</summary>
/// <remarks>At most <see cref="MostPeers"/> are told, and as many may be about to prove the key; further ones are closed at once.</remarks>
internal sealed class PeerListener : IDisposable
{
    /// <summary>The most that are told at once.</summary>
    public const int MostPeers = 16;

    private const int IPPROTO_IP = 0, IP_FREEBIND = 15, IPPROTO_IPV6 = 41, IPV6_FREEBIND = 78;

    private readonly DirectorEngine _engine;
    private readonly ISyncDelivery _delivery;
    private readonly PeerOptions _options;
    private readonly PeerKeyRing _ring;
    private readonly UInt128 _instance;
    private readonly PeerFanOut _changes;
    private readonly Socket _socket;
    private readonly Lock _lock = new();
    private readonly List<PeerTeller> _tellers = [];
    private readonly List<Task> _sessions = [];
    private string _lastRefusal = "";

    /// <summary>Listens; the address may come later.</summary>
    /// <exception cref="SocketException">The kernel refuses.</exception>
    public PeerListener(DirectorEngine engine, ISyncDelivery delivery, PeerOptions options, PeerKeyRing ring, IPEndPoint listen, UInt128 instance)
    {
        _engine = engine;
        _delivery = delivery;
        _options = options;
        _ring = ring;
        _instance = instance;
        _socket = new Socket(listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            bool isV6 = listen.AddressFamily == AddressFamily.InterNetworkV6;
            _socket.SetRawSocketOption(isV6 ? IPPROTO_IPV6 : IPPROTO_IP, isV6 ? IPV6_FREEBIND : IP_FREEBIND, [1, 0, 0, 0]);
            _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            _socket.Bind(listen);
            _socket.Listen(MostPeers);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        _changes = new PeerFanOut(engine, delivery);
    }

    /// <summary>Why the last one who dialled was refused; empty if nobody was.</summary>
    public string LastRefusal
    {
        get
        {
            lock (_lock) return _lastRefusal;
        }
    }

    /// <summary>Those who are told.</summary>
    public IReadOnlyList<PeerStatus> ReadStatus()
    {
        lock (_lock) return [.. _tellers.Select(t => t.Status)];
    }

    /// <summary>Runs until it is cancelled, and all sessions have ended.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            Socket accepted;
            try
            {
                accepted = await _socket.AcceptAsync(cancellation);
            }
            catch (Exception e) when (PeerFollower.IsOfThisWorld(e))
            {
                // Whoever dialled has gone again, or descriptors are short: neither ends the listener.
                await Task.Delay(100, cancellation).ContinueWith(_ => { }, TaskScheduler.Default);
                continue;
            }

            lock (_lock)
            {
                _sessions.RemoveAll(s => s.IsCompleted);
                if (_sessions.Count < 2 * MostPeers) _sessions.Add(ServeAsync(accepted, cancellation));
                else accepted.Dispose();
            }
        }

        Task[] left;
        lock (_lock) left = [.. _sessions];
        await Task.WhenAll(left);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _changes.Dispose();
    }

    private async Task ServeAsync(Socket socket, CancellationToken ending)
    {
        string peer = "somebody";
        (PeerKey key, CancellationToken replaced) = _ring.Current;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ending, replaced);
        CancellationToken cancellation = either.Token;
        try
        {
            peer = socket.RemoteEndPoint?.ToString() ?? peer;
            await using PeerStream stream = await PeerStream.OpenAsync(socket, isDialler: false, key, _instance, cancellation);
            using var teller = new PeerTeller(_engine, _delivery, _changes, stream, peer);
            lock (_lock)
            {
                if (_tellers.Count == MostPeers) throw new PeerException($"{MostPeers} peers are told already");
                _tellers.Add(teller);
            }

            _options.Report($"peers: {peer} has proved the key and is told");
            try
            {
                await teller.RunAsync(cancellation);
            }
            finally
            {
                lock (_lock) _tellers.Remove(teller);
                _options.Report($"peers: {peer} is told no more");
            }
        }
        catch (Exception e) when (PeerFollower.IsOfThisWorld(e))
        {
            if (e is OperationCanceledException && cancellation.IsCancellationRequested) return;
            string refusal = $"{peer}: {PeerFollower.Explain(e)}";
            lock (_lock) _lastRefusal = refusal;
            if (e is System.Security.Authentication.AuthenticationException or PeerException) _options.Report($"peers: {refusal}");
        }
    }
}
