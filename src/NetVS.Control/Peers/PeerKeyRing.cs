namespace NetVS.Control.Peers;

/// <summary>The key in force, which a reload may replace: what was opened with the former one is to be closed.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class PeerKeyRing(PeerKey key) : IDisposable
{
    private readonly Lock _lock = new();
    private PeerKey _current = key;
    private CancellationTokenSource _replaced = new();

    /// <summary>The key in force, and what is cancelled when it is replaced.</summary>
    public (PeerKey Key, CancellationToken Replaced) Current
    {
        get
        {
            lock (_lock) return (_current, _replaced.Token);
        }
    }

    /// <summary>Puts another key in force. The former one is left to the finalizer: somebody may just be showing its certificate.</summary>
    public void Replace(PeerKey key)
    {
        CancellationTokenSource former;
        lock (_lock)
        {
            _current = key;
            former = _replaced;
            _replaced = new CancellationTokenSource();
        }

        former.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose() => _replaced.Dispose();
}
