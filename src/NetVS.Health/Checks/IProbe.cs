namespace NetVS.Health.Checks;

/// <summary>Asks a server once. One object for each check; never asked twice at a time.</summary>
/// <remarks>A probe bounds what it reads and how long it takes by itself. It throws nothing but for its cancellation.</remarks>
internal interface IProbe
{
    /// <summary>What it asks, for people: <c>192.0.2.1:80</c>, a script, a file.</summary>
    string Target { get; }

    /// <summary>Asks.</summary>
    /// <param name="step">Which of the check's steps, from 0: an HTTP check has one for each page.</param>
    /// <param name="cancellation">The check is taken away, or the daemon ends.</param>
    ValueTask<ProbeResult> AskAsync(int step, CancellationToken cancellation);
}
