namespace NetVS.Failover.Trackers;

/// <summary>What a tracker watches.</summary>
/// <param name="Kind">script, file, process or bfd.</param>
/// <param name="Name">Its name in the configuration.</param>
public readonly record struct TrackerKey(string Kind, string Name)
{
    /// <summary>A BFD session.</summary>
    public static TrackerKey OfBfd(string name) => new("bfd", name);
}
