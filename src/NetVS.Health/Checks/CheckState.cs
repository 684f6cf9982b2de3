namespace NetVS.Health.Checks;

/// <summary>Whether a check is up, and what its next attempt is.</summary>
/// <remarks>
/// <para>A pure state machine: results in, reactions out. Up after one success; down after 1 + <see cref="CheckPolicy.Retries"/> failures, but the very
/// first attempt gets no retries (SMTP's does). HTTP asks for one page an attempt and comes up when the last page of a whole pass has succeeded;
/// a page that has failed for good is asked alone, and after it succeeds a whole pass must, so that even a single page must succeed twice.</para>
/// <para>Reference §6.2, §6.4. Thread: the owner's lock.</para>
/// </remarks>
internal sealed class CheckState(CheckPolicy policy)
{
    private bool _mustPass;

    /// <summary>The policy.</summary>
    public CheckPolicy Policy { get; } = policy;

    /// <summary>Whether the check counts as up.</summary>
    public bool IsUp { get; private set; } = !policy.StartsDown;

    /// <summary>Whether an attempt has been made.</summary>
    public bool HasRun { get; private set; }

    /// <summary>Failures since the last success that were retried.</summary>
    public int Failures { get; private set; }

    /// <summary>The step of the next attempt.</summary>
    public int Step { get; private set; }

    /// <summary>Goes on from an equal check of a former configuration.</summary>
    public void GoOnFrom(CheckState former)
    {
        IsUp = former.IsUp;
        HasRun = former.HasRun;
        Failures = Math.Min(former.Failures, Policy.Retries);
        Step = former.Step < Policy.Steps ? former.Step : 0;
        _mustPass = former._mustPass;
    }

    /// <summary>Begins down, or up, whatever the policy says: for a check that a reload brings.</summary>
    public void BeginAs(bool isUp) => IsUp = isUp;

    /// <summary>Takes the outcome of an attempt.</summary>
    public CheckReaction Take(ProbeOutcome outcome) => outcome switch
    {
        ProbeOutcome.Success => Succeed(),
        ProbeOutcome.Failure => Fail(),
        _ => new CheckReaction(Policy.Interval),
    };

    private CheckReaction Succeed()
    {
        HasRun = true;
        Failures = 0;
        TimeSpan delay = Policy.RecoversFast && !IsUp ? TimeSpan.Zero : Policy.Interval;
        if (_mustPass)
        {
            _mustPass = false;
            Step = 0;
            return new CheckReaction(delay);
        }

        if (++Step < Policy.Steps) return new CheckReaction(delay);
        Step = 0;
        if (IsUp) return new CheckReaction(Policy.Interval);
        IsUp = true;
        return new CheckReaction(Policy.Interval, Change: true);
    }

    private CheckReaction Fail()
    {
        bool isFirst = !HasRun;
        HasRun = true;
        int retries = isFirst && !Policy.RetriesAtFirst ? 0 : Policy.Retries;
        if ((IsUp || Policy.RetriesWhileDown) && Failures < retries)
        {
            Failures++;
            return new CheckReaction(Policy.RetryDelay, WillRetry: true);
        }

        Failures = 0;
        _mustPass = Policy.NeedsWholePass;
        TimeSpan delay = Policy.NeedsWholePass && Policy.RetryDelay > Policy.Interval ? Policy.RetryDelay : Policy.Interval;
        if (!IsUp) return new CheckReaction(delay, IsFirstFailure: isFirst);
        IsUp = false;
        return new CheckReaction(delay, Change: false);
    }
}
