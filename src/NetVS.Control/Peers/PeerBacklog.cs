namespace NetVS.Control.Peers;

/// <summary>Changes that wait to be told to one peer: bounded. What overflows is not kept in part: everything is told anew.</summary>
/// <remarks>Threads: one appends, one takes.</remarks>
internal sealed class PeerBacklog : IDisposable
{
    // About 16,000 changes.
    private const int Capacity = 1 << 21;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly byte[] _octets = new byte[Capacity];
    private int _length;
    private int _records;
    private bool _isOverflown = true;

    /// <summary>Appends changes; where there is no room for them, all that wait are given up.</summary>
    public void Append(PeerBatch batch)
    {
        lock (_lock)
        {
            if (_isOverflown) return;
            if (batch.Octets.Length > Capacity - _length)
            {
                Overflow();
                return;
            }

            batch.Octets.Span.CopyTo(_octets.AsSpan(_length));
            _length += batch.Octets.Length;
            _records += batch.Count;
        }

        Wake();
    }

    /// <summary>Something was lost on the way here.</summary>
    public void Spoil()
    {
        lock (_lock) Overflow();
        Wake();
    }

    /// <summary>Begins anew: what changes from now on is kept.</summary>
    public void Restart()
    {
        lock (_lock) (_isOverflown, _length, _records) = (false, 0, 0);
    }

    /// <summary>Takes all that waits.</summary>
    /// <param name="into">Where to; room for everything. What it held is gone.</param>
    /// <param name="records">How many changes.</param>
    /// <param name="length">Octets.</param>
    /// <returns>False when some were lost.</returns>
    public bool TryTake(byte[] into, out int records, out int length)
    {
        lock (_lock)
        {
            (records, length) = (_records, _length);
            _octets.AsSpan(0, _length).CopyTo(into);
            (_records, _length) = (0, 0);
            return !_isOverflown;
        }
    }

    /// <summary>A buffer to take into.</summary>
    public static byte[] CreateBuffer() => new byte[Capacity];

    /// <summary>Waits until something is appended or spoiled, at most so long.</summary>
    public Task<bool> WaitAsync(TimeSpan limit, CancellationToken cancellation) => _signal.WaitAsync(limit, cancellation);

    /// <summary>Ends a wait.</summary>
    public void Wake()
    {
        if (_signal.CurrentCount == 0) _signal.Release();
    }

    /// <inheritdoc/>
    public void Dispose() => _signal.Dispose();

    private void Overflow() => (_isOverflown, _length, _records) = (true, 0, 0);
}
