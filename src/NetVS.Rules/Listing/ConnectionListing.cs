using NetVS.Packets;

namespace NetVS.Rules.Listing;

/// <summary>A connection as <c>-L -c</c> shows it.</summary>
/// <param name="Protocol">The protocol; HopByHop (0) for the template of a mark service, shown as "IP".</param>
/// <param name="ExpiresIn">Whole seconds until it expires.</param>
/// <param name="State">The state's name.</param>
/// <param name="Client">Client address and port.</param>
/// <param name="Virtual">VIP and virtual port.</param>
/// <param name="Real">RIP and real port.</param>
/// <param name="EngineName">The persistence engine's name, or null.</param>
/// <param name="EngineData">The persistence engine's key, or null.</param>
public sealed record ConnectionListing(
    IpProtocol Protocol, long ExpiresIn, string State, IpEndpoint Client, IpEndpoint Virtual, IpEndpoint Real,
    string? EngineName = null, string? EngineData = null);
