using NetVS.Packets;

namespace NetVS.Director.Connections;

/// <summary>What identifies a connection: protocol, client's end, virtual end (reference §5.1). Ports in host order.</summary>
internal readonly record struct ConnectionKey<TAddress>(
    IpProtocol Protocol, TAddress Client, ushort ClientPort, TAddress Virtual, ushort VirtualPort)
    where TAddress : unmanaged, IEquatable<TAddress>
{
    /// <summary>In the place of a client's port that is not known, or does not matter: by the virtual end, so that a client's entries spread in the index.</summary>
    public static ushort PortFor(TAddress virtualAddress, ushort virtualPort) => unchecked((ushort)HashCode.Combine(virtualAddress, virtualPort));
}
