using NetVS.Control.Synchronisation;
using NetVS.Director;
using NetVS.Packets;
using NetVS.Sync;
using NetVS.Sync.Peers;

namespace NetVS.Control.Peers;

/// <summary>Tells one peer that has dialled: everything when it asks, then what changes, in the order of the changes.</summary>
/// <remarks>
/// <para>A full transfer goes through the workers' tables in slices; the next slice is asked for when the last one is written, so that a slow peer slows
/// its own transfer only, and a worker hands over <see cref="Slice"/> records at most between two batches of packets.</para>
/// <para>Changes are kept from before the first slice on and told behind each slice: so what a slice has of a connection is never the last word where
/// there is a later one. When there is no room for them, everything is told anew.</para>
/// </remarks>
internal sealed class PeerTeller(DirectorEngine engine, ISyncDelivery delivery, PeerFanOut changes, PeerStream stream, string peer) : IDisposable
{
    /// <summary>Records of one slice.</summary>
    public const int Slice = 256;

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1), s_pause = TimeSpan.FromMilliseconds(100);

    private readonly PeerProgress _progress = new(isHeard: false, peer);
    private readonly PeerBacklog _backlog = new();
    private readonly PeerBatch _slice = new(Slice);
    private readonly byte[] _buffer = PeerBacklog.CreateBuffer();
    private volatile bool _isAsked;

    /// <summary>How far it is.</summary>
    public PeerStatus Status => _progress.Status;

    /// <summary>Runs until the peer is gone.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        changes.Join(_backlog);
        Task listening = ListenAsync(ending);
        try
        {
            await TellAsync(ending.Token);
        }
        finally
        {
            changes.Leave(_backlog);
            await ending.CancelAsync();
            await listening.ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _backlog.Dispose();

    private async Task TellAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (_isAsked) await TellEverythingAsync(cancellation);
            else if (!await _backlog.WaitAsync(s_second, cancellation)) await stream.WriteAsync(PeerFrameKind.Alive, cancellation);
            if (_progress.Status.State == PeerState.Following) await TellChangesAsync(cancellation);
        }
    }

    private async Task TellEverythingAsync(CancellationToken cancellation)
    {
        _isAsked = false;
        _backlog.Restart();
        long expected = engine.Sync.CountTold, told = 0;
        _progress.Begin(expected);
        await stream.WriteAsync(PeerFrameKind.Begin, expected, cancellation);

        // The workers' connections first: what is announced needs its control connection.
        for (int table = 0; table <= engine.Workers.Count; table++)
        {
            for (long cursor = 0; cursor >= 0;)
            {
                cursor = table < engine.Workers.Count ? await CopyAsync(table, cursor, cancellation) : engine.Sync.CopyShared(cursor, Slice, delivery.Now, _slice);
                told += _slice.Count;
                await WriteAsync(_slice.Octets, _slice.Count, cancellation);
                _slice.Clear();
                if (!await TellChangesAsync(cancellation)) return;
            }
        }

        await stream.WriteAsync(PeerFrameKind.End, told, cancellation);
        _progress.End();
    }

    private async Task<bool> TellChangesAsync(CancellationToken cancellation)
    {
        bool isWhole = _backlog.TryTake(_buffer, out int records, out int length);
        await WriteAsync(_buffer.AsMemory(0, length), records, cancellation);
        if (!isWhole) _isAsked = true;
        return isWhole;
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> frames, int records, CancellationToken cancellation)
    {
        if (records == 0) return;
        await stream.WriteAsync(frames, cancellation);
        engine.Sync.Tally.Add(SyncCount.ToldToPeers, records);
        _progress.Note(records);
    }

    private async Task<long> CopyAsync(int worker, long cursor, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        while (!delivery.TryPost(worker, (owner, now) => Copy(owner, cursor, now, done))) await Task.Delay(s_pause, cancellation);
        return await done.Task.WaitAsync(cancellation);
    }

    private void Copy(DirectorWorker worker, long cursor, MonotonicTime now, TaskCompletionSource<long> done) => done.TrySetResult(worker.CopyTold(cursor, Slice, now, _slice));

    private async Task ListenAsync(CancellationTokenSource ending)
    {
        try
        {
            while (true)
            {
                stream.Leave(TakeRequests(stream.Waiting));
                await stream.ReadMoreAsync(ending.Token);
            }
        }
        finally
        {
            await ending.CancelAsync();
        }
    }

    private int TakeRequests(ReadOnlySpan<byte> octets)
    {
        while (PeerFrameReader.TryTakeFrame(ref octets, out PeerFrameKind kind, out _))
        {
            if (kind == PeerFrameKind.Request)
            {
                _isAsked = true;
                _backlog.Wake();
            }
            else if (kind is not (PeerFrameKind.Alive or PeerFrameKind.Hello))
            {
                engine.Sync.Tally.Count(SyncCount.PeerFramesSkipped);
            }
        }

        return octets.Length;
    }
}
