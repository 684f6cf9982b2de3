using NetVS.Packets;

namespace NetVS.Director.Services;

/// <summary>A FULLNAT local address of a service as <c>ipvsadm -G</c> shows it.</summary>
/// <param name="Address">The LIP.</param>
/// <param name="PortsInUse">Connections that use a port of it now.</param>
/// <param name="AllocationFailures">Connections refused because no port was free towards their real server.</param>
public sealed record LocalAddressView(IpAddress Address, long PortsInUse, long AllocationFailures);
