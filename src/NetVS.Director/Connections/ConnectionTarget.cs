using NetVS.Rules;

namespace NetVS.Director.Connections;

/// <summary>Where a new connection goes. Ports in host order.</summary>
/// <param name="Method">The forwarding method.</param>
/// <param name="Real">RIP.</param>
/// <param name="RealPort">The real server's port.</param>
/// <param name="DestinationIndex">Index into the destination table, or -1.</param>
/// <param name="Local">LIP, for FULLNAT.</param>
/// <param name="LocalPort">The local port, for FULLNAT: one that leads to no connection yet.</param>
internal readonly record struct ConnectionTarget<TAddress>(
    ForwardingMethod Method, TAddress Real, ushort RealPort, int DestinationIndex,
    TAddress Local = default, ushort LocalPort = 0)
    where TAddress : unmanaged, IEquatable<TAddress>;
