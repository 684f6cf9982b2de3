namespace NetVS.Keepalived.Model;

/// <summary>HTTP status codes, both ends included.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last.</param>
public readonly record struct StatusRange(int First, int Last);
