using System.Diagnostics;
using System.Runtime.CompilerServices;
using NetVS.Director.Timing;
using NetVS.Memory;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Connections;

/// <summary>The connections of one worker and one family: found by either direction's packets, expired by their timers.</summary>
/// <remarks>
/// <para>
/// A slab of entries, addressed by handles (1 and up), and an index over the client's end; see <see cref="ConnectionHash"/> for what is
/// hashed and why, <see cref="HandleIndex"/> for how it is found, and <see cref="TimingWheel"/> for the timers. FULLNAT
/// connections have a second entry in an index over the inner side, which occupies memory only where it is used.
/// </para>
/// <para>
/// Memory: everything is reserved when the table is built and becomes resident as it is used; nothing grows or moves on the
/// packet path. Per IPv4 connection 128 octets, per IPv6 connection 192, and 8 for each index it is in, when full;
/// <see cref="ReservedOctets"/> adds it up.
/// </para>
/// <para>
/// When <see cref="Capacity"/> is reached, <see cref="TryCreate"/> refuses and counts; nothing else changes. It also refuses a client's
/// end that already has <see cref="MaxPerClientEnd"/> connections, because those share one hash.
/// </para>
/// Thread: the owning worker, or whoever holds the owner's lock, for everything except <see cref="Count"/>; clocks that differ by some ticks do no harm.
/// </remarks>
internal sealed partial class ConnectionTable<TAddress> : IDisposable
    where TAddress : unmanaged, IEquatable<TAddress>
{
    /// <summary>The most connections that one client's address, port and protocol may have, to different virtual ends.</summary>
    public const int MaxPerClientEnd = 64;

    /// <summary>Seconds a connection lives if no packet sets another timeout (reference §5.3).</summary>
    public const uint InitialTimeout = 3;

    private readonly NativeSlab<Connection<TAddress>> _slab;
    private readonly HandleIndex _clientEnds;
    private readonly HandleIndex _localEnds;
    private readonly ConnectionHash _hash;
    private int _count;
    private int _free;

    /// <summary>Reserves a table.</summary>
    /// <param name="capacity">The most connections it will hold.</param>
    /// <param name="hashKey">The key of the hash: random in production, the same for all workers.</param>
    public ConnectionTable(int capacity, UInt128 hashKey)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, int.MaxValue - 1);
        Capacity = capacity;
        _hash = new ConnectionHash(hashKey);
        _slab = new NativeSlab<Connection<TAddress>>(capacity + 1);
        _clientEnds = new HandleIndex(capacity);
        _localEnds = new HandleIndex(capacity);
    }

    /// <summary>Connections now. Thread: any; others than the owner may see a slightly older number.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The most connections the table holds.</summary>
    public int Capacity { get; }

    /// <summary>The highest handle ever given out: listings go through 1 to this, see <see cref="TryNext"/>.</summary>
    /// <remarks>
    /// Entries never move. A listing that goes through the handles upwards, in as many pieces as it likes, sees each entry at most once,
    /// and every entry that is there throughout exactly once.
    /// </remarks>
    public int HighestHandle { get; private set; }

    /// <summary>How often <see cref="TryCreate"/> refused because the table was full.</summary>
    public long RefusedFull { get; private set; }

    /// <summary>How often <see cref="TryCreate"/> refused because the client's end had <see cref="MaxPerClientEnd"/> connections.</summary>
    public long RefusedClientEnd { get; private set; }

    /// <summary>Octets of native memory reserved for entries and indexes.</summary>
    public long ReservedOctets => _slab.Octets + _clientEnds.Octets + _localEnds.Octets;

    /// <summary>An entry, in place. The reference is good until the entry is removed.</summary>
    public ref Connection<TAddress> this[int handle]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ref Connection<TAddress> connection = ref _slab[handle];
            Debug.Assert((connection.Flags & ConnectionFlags.Hashed) != 0, "a handle that is not, or no longer, in the table");
            return ref connection;
        }
    }

    /// <summary>Whether a handle from 1 to <see cref="HighestHandle"/> belongs to a connection now.</summary>
    public bool IsLive(int handle) => (_slab[handle].Flags & ConnectionFlags.Hashed) != 0;

    /// <summary>Goes on to the next connection of a listing.</summary>
    /// <param name="handle">The handle looked at last, 0 to begin; then the connection's, or -1 where there are no more.</param>
    /// <param name="looks">The most handles to look at; what is left of it.</param>
    /// <returns>False at the end, or when <paramref name="looks"/> are used up: then <paramref name="handle"/> is where to go on.</returns>
    public bool TryNext(ref int handle, ref int looks)
    {
        while (handle < HighestHandle)
        {
            if (looks-- <= 0) return false;
            if (IsLive(++handle)) return true;
        }

        handle = -1;
        return false;
    }

    /// <summary>The hash of a client's end under the table's key, for the overloads that take one, and for prefetching.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong HashOf(IpProtocol protocol, TAddress client, ushort clientPort) => _hash.OfClientEnd(protocol, client, clientPort);

    /// <summary>Finds the connection of a packet from a client.</summary>
    /// <returns>Its handle; 0 if there is none.</returns>
    public int FindInbound(IpProtocol protocol, TAddress client, ushort clientPort, TAddress virtualAddress, ushort virtualPort) =>
        FindInbound(HashOf(protocol, client, clientPort), protocol, client, clientPort, virtualAddress, virtualPort);

    /// <summary>As the other overload, with the hash of the client's end known.</summary>
    /// <remarks>Out of line on purpose: inside a large caller the compiler's budget ends before the search itself is inlined.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int FindInbound(
        ulong hash, IpProtocol protocol, TAddress client, ushort clientPort, TAddress virtualAddress, ushort virtualPort)
    {
        HandleProbe probe = _clientEnds.Probe(hash);
        while (probe.MoveNext())
        {
            ref Connection<TAddress> connection = ref this[probe.Handle];
            if (HasClientEnd(ref connection, protocol, client, clientPort) &&
                connection.VirtualPort == virtualPort && connection.Virtual.Equals(virtualAddress))
                return probe.Handle;
        }

        return 0;
    }

    /// <summary>Whether a handle, which may be anybody's by now, is that of the connection <see cref="FindInbound(IpProtocol, TAddress, ushort, TAddress, ushort)"/> is asked for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsInbound(int handle, IpProtocol protocol, TAddress client, ushort clientPort, TAddress virtualAddress, ushort virtualPort)
    {
        ref Connection<TAddress> connection = ref _slab[handle];
        return (connection.Flags & ConnectionFlags.Hashed) != 0 && HasClientEnd(ref connection, protocol, client, clientPort) &&
            connection.VirtualPort == virtualPort && connection.Virtual.Equals(virtualAddress);
    }

    /// <summary>
    /// The same of a reply. Where several connections fit it, as <see cref="FindOutbound(IpProtocol, TAddress, ushort, TAddress, ushort)"/> says, it need not be the one found there.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsOutbound(int handle, IpProtocol protocol, TAddress client, ushort clientPort, TAddress source, ushort sourcePort)
    {
        ref Connection<TAddress> connection = ref _slab[handle];
        return (connection.Flags & ConnectionFlags.Hashed) != 0 && HasClientEnd(ref connection, protocol, client, clientPort) &&
            MayReply(ref connection, source, sourcePort);
    }

    /// <summary>Finds the connection of a reply that passes the director on its way to the client.</summary>
    /// <remarks>
    /// Its source must be the real server for NAT, the virtual end for DR, TUN and Local; FULLNAT replies are found by
    /// <see cref="FindFullNatReply(IpProtocol, TAddress, ushort, TAddress, ushort)"/> only (reference §5.2). If one client's end has NAT connections to two virtual ends that were
    /// scheduled to the same real server and port, the real server cannot tell them apart, nor can this: it finds one of them.
    /// </remarks>
    /// <returns>Its handle; 0 if there is none.</returns>
    public int FindOutbound(IpProtocol protocol, TAddress client, ushort clientPort, TAddress source, ushort sourcePort) =>
        FindOutbound(HashOf(protocol, client, clientPort), protocol, client, clientPort, source, sourcePort);

    /// <summary>As the other overload, with the hash of the client's end known.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int FindOutbound(ulong hash, IpProtocol protocol, TAddress client, ushort clientPort, TAddress source, ushort sourcePort)
    {
        HandleProbe probe = _clientEnds.Probe(hash);
        while (probe.MoveNext())
        {
            ref Connection<TAddress> connection = ref this[probe.Handle];
            if (HasClientEnd(ref connection, protocol, client, clientPort) && MayReply(ref connection, source, sourcePort)) return probe.Handle;
        }

        return 0;
    }

    /// <summary>Finds an entry with this key that matches what the caller compares besides: several may share the key.</summary>
    /// <returns>Its handle; 0 if there is none.</returns>
    public int FindInbound<TMatcher>(in ConnectionKey<TAddress> key, scoped in TMatcher matcher)
        where TMatcher : struct, IEntryMatcher<TAddress>, allows ref struct
    {
        HandleProbe probe = _clientEnds.Probe(HashOf(key.Protocol, key.Client, key.ClientPort));
        while (probe.MoveNext())
        {
            ref Connection<TAddress> connection = ref this[probe.Handle];
            if (HasClientEnd(ref connection, key.Protocol, key.Client, key.ClientPort) && connection.VirtualPort == key.VirtualPort &&
                connection.Virtual.Equals(key.Virtual) && matcher.Matches(in connection))
                return probe.Handle;
        }

        return 0;
    }

    /// <summary>Finds an entry with this client's end that goes to a real server, on whatever port, and has none of some flags.</summary>
    /// <returns>Its handle; 0 if there is none.</returns>
    public int FindByReal(IpProtocol protocol, TAddress client, ushort clientPort, TAddress real, ConnectionFlags without)
    {
        HandleProbe probe = _clientEnds.Probe(HashOf(protocol, client, clientPort));
        while (probe.MoveNext())
        {
            ref Connection<TAddress> connection = ref this[probe.Handle];
            if (HasClientEnd(ref connection, protocol, client, clientPort) && (connection.Flags & without) == 0 && connection.Real.Equals(real)) return probe.Handle;
        }

        return 0;
    }

    /// <summary>Finds the FULLNAT connection of a reply from <paramref name="real"/> to <paramref name="local"/>.</summary>
    /// <returns>Its handle; 0 if there is none, that is, if the local port is free towards that real server.</returns>
    public int FindFullNatReply(IpProtocol protocol, TAddress local, ushort localPort, TAddress real, ushort realPort) =>
        FindFullNatReply(HashOfLocalEnd(protocol, local, localPort, real, realPort), protocol, local, localPort, real, realPort);

    /// <summary>As the other overload, with the hash of the inner side known: <see cref="HashOfLocalEnd"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int FindFullNatReply(ulong hash, IpProtocol protocol, TAddress local, ushort localPort, TAddress real, ushort realPort)
    {
        HandleProbe probe = _localEnds.Probe(hash);
        while (probe.MoveNext())
        {
            ref Connection<TAddress> connection = ref this[probe.Handle];
            if (connection.LocalPort == localPort && connection.RealPort == realPort && connection.Protocol == protocol &&
                connection.Local.Equals(local) && connection.Real.Equals(real))
                return probe.Handle;
        }

        return 0;
    }

    /// <summary>Adds a connection: state 0, timeout <see cref="InitialTimeout"/>, inactive, and no replies expected by DR, TUN and Local.</summary>
    /// <param name="key">What identifies it; not in the table.</param>
    /// <param name="target">Where it goes; with FULLNAT the local port must be free towards the real server.</param>
    /// <param name="now">The time; its first timeout runs from here.</param>
    /// <param name="handle">Its handle; 0 if refused.</param>
    /// <param name="mayShareKey">Whether entries that are told apart otherwise may have the same key.</param>
    /// <returns>False if the table is full or the client's end has too many connections: counted, nothing else changed.</returns>
    public bool TryCreate(in ConnectionKey<TAddress> key, in ConnectionTarget<TAddress> target, MonotonicTime now, out int handle, bool mayShareKey = false)
    {
        handle = 0;
        if (_count == Capacity)
        {
            RefusedFull++;
            return false;
        }

        ulong hash = HashOf(key.Protocol, key.Client, key.ClientPort);
        if (_clientEnds.CountTag(hash) >= MaxPerClientEnd)
        {
            RefusedClientEnd++;
            return false;
        }

        Debug.Assert(
            mayShareKey || FindInbound(hash, key.Protocol, key.Client, key.ClientPort, key.Virtual, key.VirtualPort) == 0,
            "the connection is in the table already");
        handle = TakeFree();
        _slab[handle] = new Connection<TAddress>
        {
            Protocol = key.Protocol,
            Client = key.Client,
            ClientPort = key.ClientPort,
            Virtual = key.Virtual,
            VirtualPort = key.VirtualPort,
            Method = target.Method,
            Real = target.Real,
            RealPort = target.RealPort,
            Local = target.Local,
            LocalPort = target.LocalPort,
            DestinationIndex = target.DestinationIndex,
            Flags = target.Method is ForwardingMethod.Nat or ForwardingMethod.FullNat or ForwardingMethod.Bypass
                ? ConnectionFlags.Hashed | ConnectionFlags.Inactive
                : ConnectionFlags.Hashed | ConnectionFlags.Inactive | ConnectionFlags.NoOutput,
            NextHopInbound = -1,
            NextHopOutbound = -1,
        };
        _clientEnds.Add(hash, handle);
        if (target.Method == ForwardingMethod.FullNat) AddLocalEnd(handle, in key, in target);
        StartTimer(handle, now);
        Volatile.Write(ref _count, _count + 1); // read by Count from other threads
        return true;
    }

    /// <summary>Gives an entry another client's port: it is found under that from now on.</summary>
    public void Rekey(int handle, ushort clientPort)
    {
        ref Connection<TAddress> connection = ref this[handle];
        _clientEnds.Remove(HashOf(connection.Protocol, connection.Client, connection.ClientPort), handle);
        connection.ClientPort = clientPort;
        _clientEnds.Add(HashOf(connection.Protocol, connection.Client, clientPort), handle);
    }

    /// <summary>Removes a connection at once. What it holds elsewhere is the caller's to release.</summary>
    public void Remove(int handle)
    {
        ref Connection<TAddress> connection = ref this[handle];
        Unlink(ref connection);
        _clientEnds.Remove(HashOf(connection.Protocol, connection.Client, connection.ClientPort), handle);
        if (connection.Method == ForwardingMethod.FullNat) _localEnds.Remove(LocalHashOf(in connection), handle);
        ReturnFree(handle, ref connection);
        Volatile.Write(ref _count, _count - 1); // read by Count from other threads
    }

    /// <summary>Returns the memory. No handle or reference may be used afterwards.</summary>
    public void Dispose()
    {
        _slab.Dispose();
        _clientEnds.Dispose();
        _localEnds.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool HasClientEnd(ref Connection<TAddress> connection, IpProtocol protocol, TAddress client, ushort clientPort) =>
        connection.ClientPort == clientPort && connection.Protocol == protocol && connection.Client.Equals(client);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool MayReply(ref Connection<TAddress> connection, TAddress source, ushort sourcePort) => connection.Method switch
    {
        ForwardingMethod.Nat => connection.RealPort == sourcePort && connection.Real.Equals(source),
        ForwardingMethod.FullNat => false,
        _ => connection.VirtualPort == sourcePort && connection.Virtual.Equals(source),
    };

    private void AddLocalEnd(int handle, in ConnectionKey<TAddress> key, in ConnectionTarget<TAddress> target)
    {
        Debug.Assert(
            FindFullNatReply(key.Protocol, target.Local, target.LocalPort, target.Real, target.RealPort) == 0,
            "the local port is in use towards this real server");
        _localEnds.Add(LocalHashOf(in _slab[handle]), handle);
    }

    private ulong LocalHashOf(in Connection<TAddress> connection) => _hash.OfLocalEnd(
        connection.Protocol, connection.Local, connection.LocalPort, connection.Real, connection.RealPort);

    /// <summary>Takes the entry freed last, whose memory is likely in the cache; else one that was never used.</summary>
    private int TakeFree()
    {
        if (_free == 0) return ++HighestHandle;
        int handle = _free;
        _free = _slab[handle].TimerNext;
        return handle;
    }

    private void ReturnFree(int handle, ref Connection<TAddress> connection)
    {
        Poison(handle);
        connection.Flags = ConnectionFlags.None;
        connection.TimerNext = _free;
        _free = handle;
    }

    [Conditional("DEBUG")]
    private void Poison(int handle) => _slab.Poison(handle);
}
