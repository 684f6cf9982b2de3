using NetVS.Health.Checks;

namespace NetVS.Health.Probes;

/// <summary>BFD_CHECK: whether a session is up (reference §5.5). Nothing is asked: the session tells when it changes.</summary>
/// <remarks>A session that never was up says nothing: its check stays as it begins.</remarks>
internal sealed class BfdProbe(string session, Func<string, bool?> isUp) : IProbe
{
    /// <summary>How often it is looked at besides.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(1);

    /// <summary>The session's name.</summary>
    public string Session { get; } = session;

    /// <inheritdoc/>
    public string Target => $"bfd_instance {Session}";

    /// <inheritdoc/>
    public ValueTask<ProbeResult> AskAsync(int step, CancellationToken cancellation) => ValueTask.FromResult(Ask());

    /// <summary>Looks at the session at once.</summary>
    public ProbeResult Ask() => isUp(Session) switch
    {
        true => ProbeResult.Success,
        false => ProbeResult.Failure("the session is down"),
        null => new ProbeResult(ProbeOutcome.Suspended),
    };
}
