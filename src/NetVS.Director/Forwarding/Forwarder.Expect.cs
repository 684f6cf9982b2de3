using System.Buffers.Binary;
using NetVS.Director.Services;
using NetVS.Packets;

namespace NetVS.Director.Forwarding;

/// <content>Asking for a connection's memory before its packet is processed.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    private const ulong HashBits = (1UL << 48) - 1;
    private const ulong IsExpected = 1UL << 63;
    private const ulong IsLocalEnd = 1UL << 61;

    /// <summary>Asks for the index line of a packet's connection.</summary>
    /// <param name="ip">The packet, from its IP header on, which has no options or extension headers; not checked any further.</param>
    /// <param name="protocol">What the header says follows.</param>
    /// <returns>What <see cref="ExpectConnection"/> takes; 0 if there is nothing to expect.</returns>
    public ulong ExpectIndex(ReadOnlySpan<byte> ip, IpProtocol protocol)
    {
        if (protocol is not (IpProtocol.Tcp or IpProtocol.Udp) || ip.Length < TFamily.HeaderSize + sizeof(uint)) return 0;
        uint ports = BinaryPrimitives.ReadUInt32BigEndian(ip[TFamily.HeaderSize..]);
        ushort sourcePort = (ushort)(ports >> 16), destinationPort = unchecked((ushort)ports);
        TAddress destination = TFamily.DestinationOf(ip);
        ServiceTable table = _worker.Table;
        ulong hash;
        if (TFamily.IsVirtualAddress(table, destination))
        {
            hash = _connections.HashOf(protocol, TFamily.SourceOf(ip), sourcePort);
        }
        else if (TFamily.IsLocalAddress(table, destination))
        {
            hash = _connections.HashOfLocalEnd(protocol, destination, destinationPort, TFamily.SourceOf(ip), sourcePort);
            _connections.PrefetchLocalIndex(hash);
            return (hash & HashBits) | IsExpected | IsLocalEnd;
        }
        else
        {
            hash = _connections.HashOf(protocol, destination, destinationPort);
        }

        _connections.PrefetchIndex(hash);
        return (hash & HashBits) | IsExpected;
    }

    /// <summary>Asks for the connection that the index line, by now here, leads to; its handle, or 0 if there is none.</summary>
    public int ExpectConnection(ulong token) => (token & IsLocalEnd) == 0
        ? _connections.PrefetchConnection(token & HashBits)
        : _connections.PrefetchByLocalEnd(token & HashBits);
}
