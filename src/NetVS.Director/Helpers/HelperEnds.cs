using NetVS.Packets;

namespace NetVS.Director.Helpers;

/// <summary>The ends of a control connection. Ports in host order.</summary>
/// <param name="Client">The client's.</param>
/// <param name="Virtual">The one the client sees.</param>
/// <param name="Real">The real server's.</param>
internal readonly record struct HelperEnds(IpEndpoint Client, IpEndpoint Virtual, IpEndpoint Real);
