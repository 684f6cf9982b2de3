using NetVS.Packets;

namespace NetVS.Director.Helpers;

/// <summary>A helper at a port, for listings.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Protocol">The protocol of its control connections.</param>
/// <param name="Port">The virtual port of its control connections, host order.</param>
/// <param name="Connections">Control connections now.</param>
public sealed record HelperView(string Name, IpProtocol Protocol, ushort Port, int Connections);
