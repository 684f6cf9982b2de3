using NetVS.Control.Status;
using NetVS.Keepalived.Model;

namespace NetVS.Health.Checks;

/// <summary>One check of one real server: what it asks, how it stands, what it has seen.</summary>
/// <remarks>Thread: the health part's lock, but for <see cref="Probe"/>, which runs outside of it.</remarks>
internal sealed class Check(Checker configured, CheckKind kind, IProbe probe, CheckPolicy policy, string identity)
{
    private const int MostChanges = 10;
    private readonly Queue<CheckChange> _changes = new();

    /// <summary>The block of the configuration.</summary>
    public Checker Configured { get; } = configured;

    /// <summary>Its words.</summary>
    public CheckKind Kind { get; } = kind;

    /// <summary>What asks.</summary>
    public IProbe Probe { get; } = probe;

    /// <summary>How it stands.</summary>
    public CheckState State { get; } = new(policy);

    /// <summary>Equal for checks that ask the same in the same way; times do not matter (reference §7.7).</summary>
    public string Identity { get; } = identity;

    /// <summary>The way its packets go, where that is the users' and not straight to the server's own address.</summary>
    public Probes.UserPath? Path { get; init; }

    /// <summary>The server it belongs to.</summary>
    public Pools.PooledServer? Owner { get; set; }

    /// <summary>What it adds to the server's weight.</summary>
    public long Weight { get; private set; }

    /// <summary>Whether it was not asked for real the last time.</summary>
    public bool IsSuspended { get; private set; }

    /// <summary>Ends an attempt that is under way, and forbids the next.</summary>
    public CancellationTokenSource Ending { get; } = new();

    /// <summary>The last problem; empty for none.</summary>
    public string LastError { get; private set; } = "";

    /// <summary>How long the last attempt took.</summary>
    public TimeSpan Latency { get; private set; }

    /// <summary>When the last attempt ended; null before the first.</summary>
    public DateTimeOffset? LastRun { get; private set; }

    /// <summary>The last changes, oldest first.</summary>
    public IReadOnlyCollection<CheckChange> Changes => _changes;

    /// <summary>Goes on from an equal check of a former configuration.</summary>
    public void GoOnFrom(Check former)
    {
        State.GoOnFrom(former.State);
        Weight = former.Weight;
        LastError = former.LastError;
        Latency = former.Latency;
        LastRun = former.LastRun;
        foreach (CheckChange change in former._changes) _changes.Enqueue(change);
    }

    /// <summary>Takes the result of an attempt.</summary>
    public CheckReaction Take(in ProbeResult result, TimeSpan latency, DateTimeOffset now)
    {
        IsSuspended = result.Outcome == ProbeOutcome.Suspended;
        if (!IsSuspended)
        {
            LastRun = now;
            Latency = latency;
            LastError = result.Outcome == ProbeOutcome.Success ? "" : result.Detail;
        }

        if (result.Weight is { } weight) Weight = weight;
        CheckReaction reaction = State.Take(result.Outcome);
        if (reaction.Change is { } isUp)
        {
            if (_changes.Count == MostChanges) _changes.Dequeue();
            _changes.Enqueue(new CheckChange(now, isUp, isUp ? "" : result.Detail));
        }

        return reaction;
    }
}
