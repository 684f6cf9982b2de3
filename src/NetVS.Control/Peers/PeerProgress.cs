using System.Diagnostics;

namespace NetVS.Control.Peers;

/// <summary>What is known of one channel's progress. Threads: one writes, any read.</summary>
internal sealed class PeerProgress(bool isHeard, string peer)
{
    private readonly Lock _lock = new();
    private PeerStatus _status = new(isHeard, peer, PeerState.Connecting, 0, 0, 0, 0, null, TimeSpan.Zero, "");
    private long _began;

    /// <summary>As it is now.</summary>
    public PeerStatus Status
    {
        get
        {
            lock (_lock) return _status;
        }
    }

    /// <summary>A full transfer begins.</summary>
    public void Begin(long expected)
    {
        lock (_lock)
        {
            _began = Stopwatch.GetTimestamp();
            _status = _status with { State = PeerState.Transferring, Transferred = 0, Expected = expected, Changes = 0 };
        }
    }

    /// <summary>Records were told or heard.</summary>
    public void Note(long records)
    {
        lock (_lock)
        {
            _status = _status.State == PeerState.Following
                ? _status with { Changes = _status.Changes + records }
                : _status with { Transferred = _status.Transferred + records };
        }
    }

    /// <summary>The full transfer is complete.</summary>
    public void End()
    {
        lock (_lock)
        {
            _status = _status with
            {
                State = PeerState.Following, Transfers = _status.Transfers + 1, LastTransfer = DateTimeOffset.UtcNow, LastTransferTook = Stopwatch.GetElapsedTime(_began),
            };
        }
    }

    /// <summary>The channel broke, or could not be made.</summary>
    public void Fail(string error)
    {
        lock (_lock) _status = _status with { State = PeerState.Connecting, LastError = error };
    }
}
