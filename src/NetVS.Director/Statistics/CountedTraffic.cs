using NetVS.Rules;

namespace NetVS.Director.Statistics;

/// <summary>All counters as they stand, zeroing taken into account: what a successor goes on counting from.</summary>
/// <param name="Total">Over all services, those that are gone included.</param>
/// <param name="Services">Of each service, destinations that are gone included.</param>
/// <param name="Destinations">Of each destination.</param>
public sealed record CountedTraffic(
    TrafficCounters Total, IReadOnlyList<(ServiceKey Service, TrafficCounters Counted)> Services, IReadOnlyList<CountedDestination> Destinations);
