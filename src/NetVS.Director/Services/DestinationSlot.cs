using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Services;

/// <summary>Which destination an index of the director meant: flows and counters that outlive a daemon know destinations by it.</summary>
/// <param name="Index">The index.</param>
/// <param name="Service">The service.</param>
/// <param name="Real">The real server in it.</param>
public sealed record DestinationSlot(int Index, ServiceKey Service, IpEndpoint Real);
