using NetVS.Packets;

namespace NetVS.Director.Services;

/// <summary>A protocol, an address and a port (host order; 0 = every port) whose packets the director must see.</summary>
public readonly record struct DivertEndpoint(IpProtocol Protocol, IpAddress Address, ushort Port);
