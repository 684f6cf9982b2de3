namespace NetVS.Scripts;

/// <summary>How a script ended.</summary>
/// <param name="Status">Its exit status; null if it did not run, or was killed.</param>
/// <param name="IsTimedOut">It took too long and was killed.</param>
/// <param name="Detail">The beginning of what it printed, or why it did not run.</param>
public readonly record struct ScriptOutcome(int? Status, bool IsTimedOut, string Detail);
