using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>One way a route leads, as the packet path reads it.</summary>
/// <param name="Interface">The logical interface.</param>
/// <param name="Gateway">The gateway's id, or <see cref="NextHopTable.None"/> when the destination is on the link.</param>
/// <param name="IpMtu">The lesser of the interface's and the route's limit, in octets.</param>
/// <param name="Source">The address of the interface to use as source (IPv4); default where it is chosen per destination.</param>
/// <param name="Weight">The share of flows.</param>
internal readonly record struct CompiledHop(NetworkInterface Interface, int Gateway, int IpMtu, IpAddress Source, uint Weight);
