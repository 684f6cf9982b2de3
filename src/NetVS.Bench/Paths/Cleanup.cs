namespace NetVS.Bench.Paths;

/// <summary>Does something when disposed.</summary>
internal sealed class Cleanup(Action action) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => action();
}
