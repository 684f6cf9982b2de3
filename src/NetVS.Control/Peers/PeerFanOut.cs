using NetVS.Control.Synchronisation;
using NetVS.Director;
using NetVS.Sync;

namespace NetVS.Control.Peers;

/// <summary>Takes the changes that workers hand over and gives them to everybody who is told.</summary>
/// <remarks>A thread of its own, which sleeps while nobody is told: then the workers hand nothing over. Threads: any join and leave.</remarks>
internal sealed class PeerFanOut : IDisposable
{
    private const int BatchSize = 1024;

    // Workers wake nobody: a system call for a packet is too much.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);

    private readonly DirectorEngine _engine;
    private readonly ISyncDelivery _clock;
    private readonly Lock _lock = new();
    private readonly List<PeerBacklog> _told = [];
    private readonly ManualResetEventSlim _hasSomebody = new();
    private readonly PeerBatch _batch = new(BatchSize);
    private readonly Thread _thread;
    private volatile bool _isEnding;
    private long _lost;

    /// <summary>Nobody is told yet.</summary>
    public PeerFanOut(DirectorEngine engine, ISyncDelivery clock)
    {
        _engine = engine;
        _clock = clock;
        _thread = new Thread(Run) { IsBackground = true, Name = "netvs peers" };
        _thread.Start();
    }

    /// <summary>Changes go there too from now on.</summary>
    public void Join(PeerBacklog backlog)
    {
        lock (_lock)
        {
            if (_told.Count == 0)
            {
                _engine.Sync.StartPeers();
                _lost = _engine.Sync.LostChanges;
            }

            _told.Add(backlog);
        }

        _hasSomebody.Set();
    }

    /// <summary>And no more.</summary>
    public void Leave(PeerBacklog backlog)
    {
        lock (_lock)
        {
            if (!_told.Remove(backlog) || _told.Count > 0) return;
            _engine.Sync.StopPeers();
            _hasSomebody.Reset();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isEnding = true;
        _hasSomebody.Set();
        _thread.Join();
        _hasSomebody.Dispose();
    }

    private void Run()
    {
        while (!_isEnding)
        {
            _hasSomebody.Wait();
            if (!Turn()) Thread.Sleep(s_pause);
        }
    }

    private bool Turn()
    {
        lock (_lock)
        {
            long lost = _engine.Sync.LostChanges;
            if (lost != _lost)
            {
                _engine.Sync.Tally.Add(SyncCount.PeerRecordsLost, Math.Max(lost - _lost, 1));
                _lost = lost;
                foreach (PeerBacklog backlog in _told) backlog.Spoil();
            }

            _batch.Clear();
            int taken = _engine.Sync.TakeChanges(BatchSize, _clock.Now, _batch);
            if (_batch.Count > 0)
                foreach (PeerBacklog backlog in _told) backlog.Append(_batch);
            return taken == BatchSize;
        }
    }
}
