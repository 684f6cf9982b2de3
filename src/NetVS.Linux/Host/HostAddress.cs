using NetVS.Packets;

namespace NetVS.Linux.Host;

/// <summary>An address of an interface.</summary>
/// <param name="InterfaceIndex">The interface.</param>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">Bits of the network part.</param>
/// <param name="Scope">RT_SCOPE_*: 0 global, 253 link, 254 host.</param>
public sealed record HostAddress(int InterfaceIndex, IpAddress Address, byte PrefixLength, byte Scope);
