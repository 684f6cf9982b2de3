namespace NetVS.Health.Probes;

/// <summary>The time a conversation has: the next answer's, and the whole's.</summary>
/// <param name="next">Ends the wait for the next answer.</param>
/// <param name="span">The time for each answer.</param>
/// <param name="token">Ends when the next answer's time or the whole's is over.</param>
internal sealed class ProbePatience(CancellationTokenSource next, TimeSpan span, CancellationToken token)
{
    /// <summary>Ends when there is no time left.</summary>
    public CancellationToken Token { get; } = token;

    /// <summary>Gives the next answer its whole time.</summary>
    public void Renew() => next.CancelAfter(span);
}
