namespace NetVS.Rules.Listing;

/// <summary>A destination as a listing shows it.</summary>
/// <param name="Rule">The rule in force.</param>
/// <param name="ActiveConnections">ActiveConn.</param>
/// <param name="InactiveConnections">InActConn.</param>
/// <param name="PersistentConnections">PersistConn.</param>
/// <param name="Statistics">Counters and rates.</param>
public sealed record DestinationListing(
    DestinationRule Rule, long ActiveConnections, long InactiveConnections, long PersistentConnections,
    StatisticsListing Statistics);
