namespace NetVS.Health.Checks;

/// <summary>When a check runs, and what its failures mean (reference §6.1, §6.2).</summary>
internal sealed record CheckPolicy
{
    /// <summary>Between two attempts.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>The most by which the first attempt is delayed beyond a second.</summary>
    public TimeSpan Warmup { get; init; }

    /// <summary>Failures that do not count yet.</summary>
    public int Retries { get; init; }

    /// <summary>Between those.</summary>
    public TimeSpan RetryDelay { get; init; }

    /// <summary>Down until the first success (alpha).</summary>
    public bool StartsDown { get; init; }

    /// <summary>Steps that all must succeed: an HTTP check's pages.</summary>
    public int Steps { get; init; } = 1;

    /// <summary>Whether a first failure is retried too: SMTP only.</summary>
    public bool RetriesAtFirst { get; init; }

    /// <summary>Whether a server that is down is still asked in cycles of retries: TCP and SMTP.</summary>
    public bool RetriesWhileDown { get; init; }

    /// <summary>HTTP: after a failing page succeeds again, a whole pass over all pages must succeed.</summary>
    public bool NeedsWholePass { get; init; }

    /// <summary>HTTP: no delay between steps while it is not up.</summary>
    public bool RecoversFast { get; init; }

    /// <summary>Whether the interval counts from the beginning of an attempt: scripts.</summary>
    public bool CountsFromStart { get; init; }

    /// <summary>Failures that are retried are logged too.</summary>
    public bool LogsAllFailures { get; init; }
}
