using NetVS.Packets;

namespace NetVS.Director.Network;

// What control says and asks: neighbours, interfaces, requests, the retiring of unused entries. Cold: takes the lock.
public sealed partial class NextHopTable
{
    private static readonly TimeSpan s_retireAfter = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_reuseAfter = TimeSpan.FromMinutes(1);

    // What control knows of neighbours that may or may not be next hops yet: a next hop that is added is right at once.
    private readonly Dictionary<(int Interface, IpAddress Address), ulong> _neighbours = [];
    private readonly HashSet<int> _pinned = [];
    private readonly Stack<int> _free = new();
    private readonly Queue<(int Id, MonotonicTime Since)> _retired = new();
    private INextHopMirror? _mirror;
    private int _firstId = 1;
    private IReadOnlyDictionary<int, NextHopEgress> _egress = new Dictionary<int, NextHopEgress>();

    /// <summary>How many next hops there are now. Thread: any.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _lastId - (_firstId - 1) - _free.Count - _retired.Count;
        }
    }

    /// <summary>
    /// Gives out ids from here on only: those below may still be named by flows of a director before this one. Before the first is given out.
    /// </summary>
    public void StartAt(int firstId)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(firstId);
        lock (_lock)
        {
            if (_lastId >= _firstId) throw new InvalidOperationException("next hops have been given out already");
            _firstId = firstId;
            _lastId = firstId - 1;
        }
    }

    /// <summary>Says what is known of a neighbour, whether it is a next hop yet or not.</summary>
    /// <param name="logicalInterface">The interface it is on.</param>
    /// <param name="address">Its address.</param>
    /// <param name="state">Unresolved is also said of a neighbour that is gone.</param>
    /// <param name="mac">Its MAC, when Reachable.</param>
    public void SetNeighbour(int logicalInterface, IpAddress address, NextHopState state, MacAddress mac = default)
    {
        ulong word = WordOf(state, state == NextHopState.Reachable ? mac : default);
        lock (_lock)
        {
            if (word == 0) _neighbours.Remove((logicalInterface, address));
            else _neighbours[(logicalInterface, address)] = word;
            int id = Find(_index, logicalInterface, address);
            if (id == None) return;
            ref Entry entry = ref EntryOf(id);
            if (entry.Word == word) return;
            Volatile.Write(ref entry.Word, word);
            Interlocked.Increment(ref _version);
            _mirror?.Write(id, Read(id));
        }
    }

    /// <summary>Has a copy kept of all next hops from now on.</summary>
    internal void Attach(INextHopMirror mirror)
    {
        lock (_lock)
        {
            _mirror = mirror;
            for (int id = _firstId; id <= _lastId; id++) mirror.Write(id, Read(id));
        }
    }

    /// <summary>Forgets all neighbours but these: for a fresh start from a whole dump.</summary>
    public void ReplaceNeighbours(IReadOnlyDictionary<(int Interface, IpAddress Address), (NextHopState State, MacAddress Mac)> neighbours)
    {
        lock (_lock)
        {
            foreach ((int, IpAddress) key in _neighbours.Keys.ToArray())
                if (!neighbours.ContainsKey(key)) SetNeighbour(key.Item1, key.Item2, NextHopState.Unresolved);
            foreach (((int Interface, IpAddress Address) key, (NextHopState State, MacAddress Mac) value) in neighbours)
                SetNeighbour(key.Interface, key.Address, value.State, value.Mac);
        }
    }

    /// <summary>The interface and address of an id; the interface is 0 for an id that was never given.</summary>
    public (int Interface, IpAddress Address) Describe(int id)
    {
        if (!TryFindChunk(id, out Entry[] chunk)) return default;
        ref Entry entry = ref chunk[id & (ChunkSize - 1)];
        return (entry.Interface, entry.Address);
    }

    /// <summary>Takes all requests made since the last call.</summary>
    /// <param name="into">Where the ids are appended, each once.</param>
    public void DrainRequests(ICollection<int> into)
    {
        int id = Interlocked.Exchange(ref _requested, None);
        while (id != None)
        {
            ref Entry entry = ref EntryOf(id);
            int next = Volatile.Read(ref entry.RequestLink) - 1;

            // From here on a worker may ask again: the caller acts on the id after this call.
            Volatile.Write(ref entry.RequestLink, 0);
            into.Add(id);
            id = next;
        }
    }

    /// <summary>Appends every next hop that a packet has wanted since the instant given, and when last.</summary>
    public void CopyUsed(MonotonicTime since, ICollection<(int Id, MonotonicTime LastUsed)> into)
    {
        int last = Volatile.Read(ref _lastId);
        for (int id = _firstId; id <= last; id++)
        {
            long used = LastUsed(id, since);
            if (used != 0 && used >= since.Nanoseconds) into.Add((id, new MonotonicTime(used)));
        }
    }

    /// <summary>Appends the gateways the present routes lead to: they are worth knowing even when no packet goes there.</summary>
    public void CopyPinned(ICollection<int> into)
    {
        lock (_lock)
        {
            foreach (int id in _pinned) into.Add(id);
        }
    }

    /// <summary>Retires next hops unused for a minute when three quarters of the table are taken, and frees retired ids in time.</summary>
    /// <returns>Whether any was retired: ids that workers cached must then be looked up again.</returns>
    internal bool RetireUnused(MonotonicTime now)
    {
        lock (_lock)
        {
            while (_retired.Count > 0 && now - _retired.Peek().Since >= s_reuseAfter) Free(_retired.Dequeue().Id);
            if (Count <= Capacity / 4 * 3) return false;
            var gone = new HashSet<int>();
            foreach ((int id, MonotonicTime since) in _retired) gone.Add(id);
            gone.UnionWith(_free);
            int before = _retired.Count;
            for (int id = _firstId; id <= _lastId; id++)
            {
                if (gone.Contains(id) || _pinned.Contains(id)) continue;
                if (now - new MonotonicTime(LastUsed(id, now)) < s_retireAfter) continue;
                gone.Add(id);
                _retired.Enqueue((id, now));
            }

            if (_retired.Count == before) return false;
            int[] index = new int[IndexSize];
            for (int id = _firstId; id <= _lastId; id++)
                if (!gone.Contains(id)) Insert(index, id);
            Volatile.Write(ref _index, index);
            return true;
        }
    }

    /// <summary>Says how frames leave by each interface now.</summary>
    internal void SetEgress(IReadOnlyDictionary<int, NextHopEgress> egress)
    {
        lock (_lock)
        {
            _egress = egress;
            bool isChanged = false;
            for (int id = _firstId; id <= _lastId; id++)
            {
                ref Entry entry = ref EntryOf(id);
                NextHopEgress now = egress.GetValueOrDefault(entry.Interface, NextHopEgress.Absent);
                if (now == entry.Egress) continue;
                Volatile.Write(ref entry.Egress, now);
                _mirror?.Write(id, Read(id));
                isChanged = true;
            }

            if (isChanged) Interlocked.Increment(ref _version);
        }
    }

    /// <summary>Says which next hops the present routes name: these are not retired.</summary>
    internal void Pin(IEnumerable<int> ids)
    {
        lock (_lock)
        {
            _pinned.Clear();
            _pinned.UnionWith(ids);
            _pinned.Remove(None);
        }
    }

    private int Add(int logicalInterface, IpAddress address)
    {
        lock (_lock)
        {
            int id = Find(_index, logicalInterface, address);
            if (id != None) return id;
            if (_free.Count > 0) id = _free.Pop();
            else if (_lastId + 1 < Capacity) id = _lastId + 1;
            else return None;

            int chunk = id >> ChunkBits;
            if (_chunks[chunk] is null)
            {
                _used[chunk] = new long[ChunkSize];
                Volatile.Write(ref _chunks[chunk], new Entry[ChunkSize]);
            }

            ref Entry entry = ref EntryOf(id);
            entry.Interface = logicalInterface;
            entry.Address = address;
            entry.Word = _neighbours.GetValueOrDefault((logicalInterface, address));
            entry.Egress = _egress.GetValueOrDefault(logicalInterface, NextHopEgress.Absent);
            if (id > _lastId) Volatile.Write(ref _lastId, id);
            _mirror?.Write(id, Read(id));
            Insert(_index, id);
            return id;
        }
    }

    private void Insert(int[] index, int id)
    {
        ref Entry entry = ref EntryOf(id);
        uint slot = SlotOf(entry.Interface, entry.Address);
        while (index[slot] != None) slot = (slot + 1) & (IndexSize - 1);

        // Release: partner of the acquire in Find.
        Volatile.Write(ref index[slot], id);
    }

    private void Free(int id)
    {
        _used[id >> ChunkBits]![id & (ChunkSize - 1)] = 0;
        _mirror?.Write(id, new NextHop { State = NextHopState.Failed });
        _free.Push(id);
    }

    private long LastUsed(int id, MonotonicTime reference)
    {
        long used = Volatile.Read(ref _used[id >> ChunkBits]![id & (ChunkSize - 1)]);
        return _mirror is { } mirror ? Math.Max(used, mirror.LastUsed(id, reference).Nanoseconds) : used;
    }

    private ref Entry EntryOf(int id) => ref _chunks[id >> ChunkBits]![id & (ChunkSize - 1)];
}
