namespace NetVS.Rules.Listing;

/// <summary>A virtual service as a listing shows it.</summary>
/// <param name="Rule">The rule in force.</param>
/// <param name="Statistics">Counters and rates.</param>
/// <param name="Destinations">Its destinations in the director's order, newest first.</param>
/// <param name="LocalAddresses">Its FULLNAT local addresses.</param>
public sealed record ServiceListing(
    VirtualServiceRule Rule, StatisticsListing Statistics, IReadOnlyList<DestinationListing> Destinations,
    IReadOnlyList<LocalAddressListing> LocalAddresses);
