namespace NetVS.Control.Status;

/// <summary>A check came up, or went down.</summary>
/// <param name="At">When.</param>
/// <param name="IsUp">Which way.</param>
/// <param name="Reason">Why it went down; empty when it came up.</param>
public sealed record CheckChange(DateTimeOffset At, bool IsUp, string Reason);
