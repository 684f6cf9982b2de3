using System.Runtime.CompilerServices;
using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>Next hops by dense id: (logical interface, address) resolved to MACs.</summary>
/// <remarks>
/// <para>Threads: workers read without a lock and may add; the control thread writes what rtnetlink says. An id stays valid for
/// the life of the table, or until <see cref="NetworkState.Version"/> changes. Workers mark what they use
/// (<see cref="MarkUsed"/>), so that control keeps just those fresh in the kernel.</para>
/// <para>Consistency: what changes about a next hop by itself, its MAC and state, is one 64-bit word, stored and loaded whole.
/// What it has from its interface (device, tag, source MAC, up or not) is one reference to an immutable object. A reader
/// that meets a change between the two loads gets the one before and the other after, which are both true of the next hop
/// and fit each other, because neither depends on the other.</para>
/// <para>Bounds: at most <see cref="Capacity"/> entries. When three quarters are taken, control retires those no packet has wanted for a
/// minute (<see cref="RetireUnused"/>), which changes the network's version, so that cached ids are looked up afresh; their
/// ids are given to others a minute later, by when no worker can hold one. When the table is full nevertheless,
/// <see cref="GetOrAdd"/> answers <see cref="None"/>, which always reads as Failed.</para>
/// </remarks>
public sealed partial class NextHopTable
{
    /// <summary>The most next hops there can be.</summary>
    public const int Capacity = 1 << 16;

    /// <summary>The id that is no next hop: always Failed.</summary>
    public const int None = 0;

    private const int ChunkBits = 10;
    private const int ChunkSize = 1 << ChunkBits;
    private const int IndexSize = Capacity * 2;

    // A store by a worker at most this often per next hop, so that the line is not passed between cores for every batch.
    private const long UseGranularity = 50_000_000;

    private readonly Lock _lock = new();
    private readonly Entry[]?[] _chunks = new Entry[]?[Capacity / ChunkSize];
    private readonly long[]?[] _used = new long[]?[Capacity / ChunkSize];

    // Open addressing, linear probing; ids, 0 = free. Readers probe without a lock: an id is stored (release) after its entry
    // is complete, and loaded with acquire. Entries are never taken out of an index: a new index replaces it.
    private int[] _index = new int[IndexSize];
    private int _lastId;
    private int _requested;
    private long _version;

    /// <summary>One next hop. Interface and Address are written before the id is published and not while it lives.</summary>
    private struct Entry
    {
        public ulong Word;
        public NextHopEgress Egress;
        public IpAddress Address;
        public int Interface;

        // 0: not in the list of requests; otherwise one more than the id that follows it there.
        public int RequestLink;
    }

    /// <summary>Changes whenever any next hop changes state or MAC: held packets are looked at again.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Is called, by the worker, when a request is made and none was waiting; must be quick. Set once, before the first packet.</summary>
    public Action? OnRequest { get; set; }

    /// <summary>The id for this next hop, allocated when new (cold path: takes a lock); <see cref="None"/> when the table is full.</summary>
    public int GetOrAdd(int logicalInterface, IpAddress address)
    {
        int id = Find(Volatile.Read(ref _index), logicalInterface, address);
        return id != None ? id : Add(logicalInterface, address);
    }

    /// <summary>One consistent reading of a next hop; no lock. An id that was never given reads as Failed.</summary>
    public NextHop Read(int id)
    {
        NextHop hop = default;
        if (!TryFindChunk(id, out Entry[] chunk))
        {
            hop.State = NextHopState.Failed;
            return hop;
        }

        ref Entry entry = ref chunk[id & (ChunkSize - 1)];
        ulong word = Volatile.Read(ref entry.Word);
        NextHopEgress? egress = Volatile.Read(ref entry.Egress);
        hop.State = egress is { CanSend: true } ? StateOf(word) : NextHopState.Failed;
        if (egress is null) return hop;
        hop.TransmitInterface = egress.TransmitInterface;
        hop.VlanId = egress.VlanId;
        hop.Source = egress.Source;
        hop.Destination = MacOf(word);
        return hop;
    }

    /// <summary>As <see cref="Read"/>, of a next hop that frames can be sent to; false for any other. No lock.</summary>
    /// <param name="id">Any number.</param>
    /// <param name="word">Its MAC is <see cref="MacOf"/> this.</param>
    /// <param name="egress">How frames leave.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryRead(int id, out ulong word, out NextHopEgress egress)
    {
        word = 0;
        egress = NextHopEgress.Absent;
        if (!TryFindChunk(id, out Entry[] chunk)) return false;
        ref Entry entry = ref chunk[id & (ChunkSize - 1)];
        word = Volatile.Read(ref entry.Word);
        egress = Volatile.Read(ref entry.Egress);
        return egress is { CanSend: true } && StateOf(word) == NextHopState.Reachable;
    }

    /// <summary>Notes that a packet wanted this next hop; a plain store, at most once per batch is enough.</summary>
    public void MarkUsed(int id, MonotonicTime now)
    {
        if (!TryFindChunk(id, out _)) return;
        ref long used = ref _used[id >> ChunkBits]![id & (ChunkSize - 1)];
        if (unchecked(now.Nanoseconds - Volatile.Read(ref used)) >= UseGranularity || used == 0)
            Volatile.Write(ref used, Math.Max(now.Nanoseconds, 1));
    }

    /// <summary>Asks control to have an unresolved next hop resolved; cheap, repeatable, no lock.</summary>
    public void RequestResolution(int id)
    {
        if (!TryFindChunk(id, out Entry[] chunk)) return;
        ref Entry entry = ref chunk[id & (ChunkSize - 1)];
        if (entry.RequestLink != 0 || Interlocked.CompareExchange(ref entry.RequestLink, 1, 0) != 0) return;

        // A stack that is only ever taken as a whole (DrainRequests), so that it has no ABA problem.
        int head;
        do
        {
            head = Volatile.Read(ref _requested);
            Volatile.Write(ref entry.RequestLink, head + 1);
        }
        while (Interlocked.CompareExchange(ref _requested, id, head) != head);

        if (head == None) OnRequest?.Invoke();
    }

    private int Find(int[] index, int logicalInterface, IpAddress address)
    {
        for (uint slot = SlotOf(logicalInterface, address); ; slot = (slot + 1) & (IndexSize - 1))
        {
            int id = Volatile.Read(ref index[slot]);
            if (id == None) return None;
            ref Entry entry = ref _chunks[id >> ChunkBits]![id & (ChunkSize - 1)];
            if (entry.Interface == logicalInterface && entry.Address == address) return id;
        }
    }

    private bool TryFindChunk(int id, out Entry[] chunk)
    {
        chunk = [];
        if (id is <= None or >= Capacity) return false;
        Entry[]? found = Volatile.Read(ref _chunks[id >> ChunkBits]);
        if (found is null) return false;
        chunk = found;
        return true;
    }

    // HashCode is keyed by a random number per process, so that nobody on the link can choose addresses that share slots.
    private static uint SlotOf(int logicalInterface, IpAddress address)
    {
        Ipv6Address octets = address.Family == IpFamily.V6 ? address.V6 : new Ipv6Address(1, address.V4.Value);
        return unchecked((uint)HashCode.Combine(logicalInterface, octets.High, octets.Low)) & (IndexSize - 1);
    }

    private static ulong WordOf(NextHopState state, MacAddress mac) => ((ulong)state << 48) | mac.Value;

    private static NextHopState StateOf(ulong word) => (NextHopState)(word >> 48);

    /// <summary>The MAC in what <see cref="TryRead"/> gives.</summary>
    internal static MacAddress MacOf(ulong word) => new(word & 0xFFFF_FFFF_FFFF);
}
