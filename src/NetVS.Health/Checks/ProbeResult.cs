namespace NetVS.Health.Checks;

/// <summary>What one attempt found.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Detail">What was wrong, or what the script said; empty for nothing.</param>
/// <param name="Weight">What it adds to the server's weight from now on; null leaves that as it is.</param>
internal readonly record struct ProbeResult(ProbeOutcome Outcome, string Detail = "", long? Weight = null)
{
    /// <summary>The server is well.</summary>
    public static ProbeResult Success => new(ProbeOutcome.Success);

    /// <summary>The server is not well.</summary>
    public static ProbeResult Failure(string detail) => new(ProbeOutcome.Failure, detail);

    /// <summary>This host could not ask.</summary>
    public static ProbeResult LocalProblem(string detail) => new(ProbeOutcome.LocalProblem, detail);
}
