using NetVS.Health.Checks;

namespace NetVS.Health.Probes;

/// <summary>ha_suspend: asks only while the virtual server's address is on this host (reference §5.2).</summary>
internal sealed class SuspendingProbe(IProbe inner, Func<bool> isHere) : IProbe
{
    /// <inheritdoc/>
    public string Target => inner.Target;

    /// <inheritdoc/>
    public ValueTask<ProbeResult> AskAsync(int step, CancellationToken cancellation) =>
        isHere() ? inner.AskAsync(step, cancellation) : ValueTask.FromResult(new ProbeResult(ProbeOutcome.Suspended));
}
