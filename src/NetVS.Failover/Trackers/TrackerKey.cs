namespace NetVS.Failover.Trackers;

/// <summary>What a tracker watches.</summary>
/// <param name="Kind">script, file or process.</param>
/// <param name="Name">Its name in the configuration.</param>
public readonly record struct TrackerKey(string Kind, string Name);
