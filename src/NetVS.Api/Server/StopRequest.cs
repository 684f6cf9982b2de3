namespace NetVS.Api.Server;

/// <summary>Asks the daemon to end.</summary>
/// <param name="keepForwarding">Whether established flows are to be forwarded on without it.</param>
/// <returns>Why it cannot end like that, and what to do; null when it ends.</returns>
public delegate string? StopRequest(bool keepForwarding);
