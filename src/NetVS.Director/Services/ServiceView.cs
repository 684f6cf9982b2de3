using NetVS.Director.Statistics;
using NetVS.Rules;

namespace NetVS.Director.Services;

/// <summary>A virtual service as a listing shows it: its rule, its numbers, its destinations newest first.</summary>
public sealed record ServiceView(
    VirtualServiceRule Rule,
    StatisticsView Statistics,
    IReadOnlyList<DestinationView> Destinations,
    IReadOnlyList<LocalAddressView> LocalAddresses);
