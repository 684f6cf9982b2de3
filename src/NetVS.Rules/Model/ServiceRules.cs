using NetVS.Packets;

namespace NetVS.Rules;

/// <summary>A virtual service with everything that belongs to it, as asked for.</summary>
/// <param name="Rule">The service.</param>
/// <param name="Destinations">Its destinations in the order in which they are added; the director keeps them newest first.</param>
/// <param name="LocalAddresses">Its FULLNAT local addresses.</param>
public sealed record ServiceRules(
    VirtualServiceRule Rule, IReadOnlyList<DestinationRule> Destinations, IReadOnlyList<IpAddress> LocalAddresses);
