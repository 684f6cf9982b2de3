using NetVS.Packets;

namespace NetVS.Rules.Listing;

/// <summary>A FULLNAT local address as <c>-G</c> shows it.</summary>
/// <param name="Address">The local address.</param>
/// <param name="Connections">Connections that use a port of it.</param>
/// <param name="Conflicts">Connections refused because no port was free.</param>
public sealed record LocalAddressListing(IpAddress Address, long Connections, long Conflicts);
