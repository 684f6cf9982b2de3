using System.Runtime.CompilerServices;
using NetVS.Packets;

namespace NetVS.Director.Connections;

/// <summary>Remembers the hashes of the client's ends met last: a packet that was expected asks for the same one again.</summary>
/// <remarks>
/// Directly mapped by the low bits of port and address; an end that falls on another's place takes it over. It never answers for
/// another end than the one asked for. Thread: the owning worker.
/// </remarks>
internal sealed class HashMemo<TAddress>
    where TAddress : unmanaged, IEquatable<TAddress>
{
    /// <summary>Places: several times as many as there are packets between expecting and processing; 2 to 4 KiB.</summary>
    private const int Size = 64;

    private readonly ConnectionHash _hash;
    private readonly Entry[] _entries = new Entry[Size];

    /// <summary>An empty memory; the hash of a client's end is never asked of another key.</summary>
    public HashMemo(ConnectionHash hash) => _hash = hash;

    /// <summary>The hash of a client's end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Of(IpProtocol protocol, TAddress client, ushort clientPort)
    {
        ref Entry entry = ref _entries[PlaceOf(client, clientPort)];
        if (entry.Rest == RestOf(protocol, clientPort) && entry.Client.Equals(client)) return entry.Hash;
        return Compute(ref entry, protocol, client, clientPort);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong Compute(ref Entry entry, IpProtocol protocol, TAddress client, ushort clientPort)
    {
        entry.Client = client;
        entry.Rest = RestOf(protocol, clientPort);
        return entry.Hash = _hash.OfClientEnd(protocol, client, clientPort);
    }

    // The top bit tells an entry that was used from one that never was.
    private static uint RestOf(IpProtocol protocol, ushort clientPort) => clientPort | ((uint)protocol << 16) | (1u << 31);

    private static int PlaceOf(TAddress client, ushort clientPort)
    {
        uint address = typeof(TAddress) == typeof(Ipv4Address)
            ? Unsafe.BitCast<TAddress, Ipv4Address>(client).Value
            : unchecked((uint)Unsafe.BitCast<TAddress, Ipv6Address>(client).Low);
        return (int)((address ^ clientPort) & (Size - 1));
    }

    private struct Entry
    {
        public TAddress Client;
        public uint Rest;
        public ulong Hash;
    }
}
