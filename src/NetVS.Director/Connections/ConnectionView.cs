using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Connections;

/// <summary>A connection as <c>ipvsadm -Lc</c> shows it, and a little more; of a template with a persistence engine, its name and key.</summary>
public readonly record struct ConnectionView(
    IpProtocol Protocol, IpEndpoint Client, IpEndpoint Virtual, IpEndpoint Local, IpEndpoint Real,
    ForwardingMethod Method, string State, TimeSpan ExpiresIn, bool IsActive,
    string? EngineName = null, string? EngineData = null);
