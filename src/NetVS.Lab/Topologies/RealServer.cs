using NetVS.Lab.Hosts;
using NetVS.Packets;

namespace NetVS.Lab.Topologies;

/// <summary>A real server of a topology.</summary>
/// <param name="Host">Its host.</param>
/// <param name="Address">Its RIP.</param>
/// <param name="Port">The port its web server listens on.</param>
/// <param name="Weight">Its weight.</param>
internal sealed record RealServer(LabHost Host, IpAddress Address, ushort Port, int Weight)
{
    /// <summary>RIP and port.</summary>
    public IpEndpoint Endpoint => new(Address, Port);
}
