using NetVS.Packets;

namespace NetVS.Director.Connections;

/// <summary>What identifies a connection: protocol, client's end, virtual end (reference §5.1). Ports in host order.</summary>
internal readonly record struct ConnectionKey<TAddress>(
    IpProtocol Protocol, TAddress Client, ushort ClientPort, TAddress Virtual, ushort VirtualPort)
    where TAddress : unmanaged, IEquatable<TAddress>;
