namespace NetVS.Director.Statistics;

/// <summary>What a destination has counted.</summary>
/// <param name="Index">Its index.</param>
/// <param name="Counted">All of it.</param>
/// <param name="ByFastPath">What the fast path's own counters stood at then: they run on while no director lives.</param>
public sealed record CountedDestination(int Index, TrafficCounters Counted, TrafficCounters ByFastPath);
