using System.Runtime.CompilerServices;
using NetVS.Packets;

namespace NetVS.Director.Connections;

/// <summary>The keyed hash of the connection table: which bucket, which tag, which worker.</summary>
/// <remarks>
/// <para>
/// A connection is hashed by its client's end alone (protocol, address, port), as IPVS does (reference §5.1): a request carries it
/// as its source, a NAT reply as its destination, so both find the same entry and the same worker, and one index serves both
/// directions. What it costs: all connections of one client's end share a hash, however many virtual ends they go to; the table
/// bounds them (<see cref="ConnectionTable{TAddress}.MaxPerClientEnd"/>).
/// </para>
/// <para>
/// A FULLNAT reply does not carry the client's end: those connections have a second hash of local and real end together.
/// </para>
/// The hash is SipHash-1-3 under a random key, so that nobody outside can aim many clients at one bucket or one worker.
/// Of its 64 bits the low 48 belong to the index (bucket, tag), the high 16 to <see cref="OwnerOf"/>: the partition
/// takes nothing from the spread within it. Any thread.
/// </remarks>
internal readonly struct ConnectionHash
{
    private readonly ulong _key0;
    private readonly ulong _key1;

    /// <summary>A hash under a key; all workers of a director use the same.</summary>
    public ConnectionHash(UInt128 key) => (_key0, _key1) = unchecked(((ulong)key, (ulong)(key >> 64)));

    /// <summary>The hash of a client's end. The message is address, port and protocol: 7 octets for IPv4, 19 for IPv6.</summary>
    /// <remarks>Out of line on purpose: inside a large caller the compiler's budget ends before the rounds are inlined.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public ulong OfClientEnd<TAddress>(IpProtocol protocol, TAddress client, ushort clientPort)
        where TAddress : unmanaged
    {
        var hash = new SipHash13(_key0, _key1);
        if (typeof(TAddress) == typeof(Ipv4Address))
        {
            uint address = Unsafe.BitCast<TAddress, Ipv4Address>(client).Value;
            return hash.Finish(address | ((ulong)clientPort << 32) | ((ulong)protocol << 48) | (7UL << 56));
        }

        (ulong high, ulong low) = Unsafe.BitCast<TAddress, Ipv6Address>(client);
        hash.Add(low);
        hash.Add(high);
        return hash.Finish(clientPort | ((ulong)protocol << 16) | (19UL << 56));
    }

    /// <summary>The hash of a FULLNAT connection's inner side. The message is both addresses, both ports, protocol: 13 or 37 octets.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public ulong OfLocalEnd<TAddress>(IpProtocol protocol, TAddress local, ushort localPort, TAddress real, ushort realPort)
        where TAddress : unmanaged
    {
        var hash = new SipHash13(_key0, _key1);
        ulong tail = localPort | ((ulong)realPort << 16) | ((ulong)protocol << 32);
        if (typeof(TAddress) == typeof(Ipv4Address))
        {
            uint localAddress = Unsafe.BitCast<TAddress, Ipv4Address>(local).Value;
            uint realAddress = Unsafe.BitCast<TAddress, Ipv4Address>(real).Value;
            hash.Add(localAddress | ((ulong)realAddress << 32));
            return hash.Finish(tail | (13UL << 56));
        }

        (ulong high, ulong low) = Unsafe.BitCast<TAddress, Ipv6Address>(local);
        hash.Add(low);
        hash.Add(high);
        (high, low) = Unsafe.BitCast<TAddress, Ipv6Address>(real);
        hash.Add(low);
        hash.Add(high);
        return hash.Finish(tail | (37UL << 56));
    }

    /// <summary>The worker that owns the client's end with this hash.</summary>
    /// <param name="clientEndHash">What <see cref="OfClientEnd"/> returned.</param>
    /// <param name="workers">How many workers there are, at most 65,535.</param>
    /// <returns>0 to <paramref name="workers"/> - 1.</returns>
    public static int OwnerOf(ulong clientEndHash, int workers) => (int)(((clientEndHash >> 48) * (ulong)workers) >> 16);
}
