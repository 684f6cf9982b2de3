namespace NetVS.Control.Status;

/// <summary>One check.</summary>
/// <param name="Kind">Its keyword.</param>
/// <param name="Target">What it asks.</param>
/// <param name="IsUp">Whether it is up.</param>
/// <param name="IsSuspended">Whether it is not asked, because its virtual server's address is not here (ha_suspend).</param>
/// <param name="Retrying">Failures that do not count yet.</param>
/// <param name="LastError">What was wrong the last time; empty for nothing.</param>
/// <param name="LastRun">When it was asked last; null before the first time.</param>
/// <param name="Latency">How long that took.</param>
/// <param name="Changes">The last changes, oldest first.</param>
public sealed record CheckHealth(
    string Kind, string Target, bool IsUp, bool IsSuspended, int Retrying, string LastError, DateTimeOffset? LastRun, TimeSpan Latency,
    IReadOnlyList<CheckChange> Changes);
