using NetVS.Director.Statistics;
using NetVS.Rules;

namespace NetVS.Director.Services;

/// <summary>A destination as a listing shows it.</summary>
/// <param name="Rule">The rule in force.</param>
/// <param name="ActiveConnections">By IPVS's definition (reference §5.3).</param>
/// <param name="InactiveConnections">All others that are not templates.</param>
/// <param name="PersistentConnections">Persistence templates.</param>
/// <param name="IsOverloaded">Whether the thresholds keep new connections away.</param>
/// <param name="Statistics">Counters and rates.</param>
public sealed record DestinationView(
    DestinationRule Rule, long ActiveConnections, long InactiveConnections, long PersistentConnections,
    bool IsOverloaded, StatisticsView Statistics)
{
    /// <summary>The weight that the rule asks for; another than the rule in force has where an operator wants it so.</summary>
    public required int ConfiguredWeight { get; init; }

    /// <summary>What an operator wants of it whatever the rule says, or null.</summary>
    public OverrideView? Override { get; init; }
}
