namespace NetVS.Health.Pools;

/// <summary>What mail says of something that is told.</summary>
/// <param name="Subject">Without the router's name.</param>
/// <param name="Body">A line.</param>
/// <param name="IsWanted">What the block says with smtp_alert; null where it says nothing.</param>
/// <param name="IsWantedByDefault">What holds where nothing else is said.</param>
internal sealed record PoolMail(string Subject, string Body, bool? IsWanted, bool IsWantedByDefault);
