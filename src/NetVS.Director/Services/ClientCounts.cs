using NetVS.Director.Connections;
using NetVS.Packets;

namespace NetVS.Director.Services;

/// <summary>How many connections each client of a service has, for the limit per client.</summary>
/// <remarks>
/// <para>A client is an address under a prefix. There is an entry for each client with a connection, so there are never more entries than
/// connections, and the connection table's size bounds both. Sixteen parts with a lock each; a part allocates only when it has more entries than ever
/// before. A part is chained buckets under a keyed hash (SipHash-1-3), so that nobody outside can aim clients at one bucket.</para>
/// <para>A connection that is counted holds the counts' generation in its flags: with another prefix another object takes this one's place, and
/// what was counted here is not taken out there. Whatever has another generation is counted by the next sweep.</para>
/// Thread: any; locks are taken when a connection begins and ends, never for an established packet.
/// </remarks>
internal sealed class ClientCounts
{
    private const int Parts = 16;
    private readonly Part[] _parts = new Part[Parts];
    private readonly uint _prefix;
    private readonly ulong _key0, _key1;

    /// <summary>No connections.</summary>
    /// <param name="prefix">How many bits of an address make a client.</param>
    /// <param name="generation">1 to 255.</param>
    /// <param name="key">The hash's key.</param>
    public ClientCounts(uint prefix, byte generation, UInt128 key)
    {
        _prefix = prefix;
        Generation = generation;
        (_key0, _key1) = unchecked(((ulong)key, (ulong)(key >> 64)));
        for (int i = 0; i < Parts; i++) _parts[i] = new Part();
    }

    /// <summary>What counted connections hold in their flags.</summary>
    public byte Generation { get; }

    /// <summary>How many bits of an address make a client.</summary>
    public uint Prefix => _prefix;

    /// <summary>Clients with a connection.</summary>
    public int Count => _parts.Sum(p => p.Count);

    /// <summary>Whether a client has at least so many connections.</summary>
    public bool Has(in IpAddress client, uint connections)
    {
        Part part = Find(in client, out ulong high, out ulong low, out uint hash);
        lock (part) return part.Read(high, low, hash) >= connections;
    }

    /// <summary>Counts a connection more, unless the client has so many already.</summary>
    public bool TryTake(in IpAddress client, uint most)
    {
        Part part = Find(in client, out ulong high, out ulong low, out uint hash);
        lock (part) return part.TryTake(high, low, hash, most);
    }

    /// <summary>Counts a connection less.</summary>
    public void Release(in IpAddress client)
    {
        Part part = Find(in client, out ulong high, out ulong low, out uint hash);
        lock (part) part.Release(high, low, hash);
    }

    private Part Find(in IpAddress client, out ulong high, out ulong low, out uint hash)
    {
        if (client.Family == IpFamily.V6)
        {
            (high, low) = client.V6;
            high &= MaskOf(_prefix);
            low &= _prefix <= 64 ? 0 : MaskOf(_prefix - 64);
        }
        else
        {
            (high, low) = (0, client.V4.Value & (MaskOf(_prefix) >> 32));
        }

        var sip = new SipHash13(_key0, _key1);
        sip.Add(high);
        sip.Add(low);
        ulong word = sip.Finish(16UL << 56);
        hash = unchecked((uint)word);
        return _parts[word >> 60];
    }

    // The first bits of 64; 64 of them and more are all.
    private static ulong MaskOf(uint bits) => bits >= 64 ? ulong.MaxValue : ~(ulong.MaxValue >> (int)bits);

    private sealed class Part
    {
        private const int None = -1;
        private int[] _buckets = [None];
        private Entry[] _entries = new Entry[1];
        private int _used;
        private int _free = None;

        public int Count { get; private set; }

        public uint Read(ulong high, ulong low, uint hash)
        {
            int i = Find(high, low, hash);
            return i == None ? 0 : _entries[i].Connections;
        }

        public bool TryTake(ulong high, ulong low, uint hash, uint most)
        {
            int i = Find(high, low, hash);
            if (i == None)
            {
                if (most == 0) return false;
                i = Add(high, low, hash);
            }
            else if (_entries[i].Connections >= most)
            {
                return false;
            }

            _entries[i].Connections++;
            return true;
        }

        public void Release(ulong high, ulong low, uint hash)
        {
            ref int link = ref _buckets[hash & (uint)(_buckets.Length - 1)];
            while (link != None)
            {
                ref Entry entry = ref _entries[link];
                if (entry.Low != low || entry.High != high)
                {
                    link = ref entry.Next;
                    continue;
                }

                if (--entry.Connections > 0) return;
                int gone = link;
                link = entry.Next;
                entry.Next = _free;
                _free = gone;
                Count--;
                return;
            }
        }

        private int Find(ulong high, ulong low, uint hash)
        {
            int i = _buckets[hash & (uint)(_buckets.Length - 1)];
            while (i != None && (_entries[i].Low != low || _entries[i].High != high)) i = _entries[i].Next;
            return i;
        }

        private int Add(ulong high, ulong low, uint hash)
        {
            int i = _free;
            if (i != None) _free = _entries[i].Next;
            else
            {
                if (_used == _entries.Length) Grow();
                i = _used++;
            }

            ref int bucket = ref _buckets[hash & (uint)(_buckets.Length - 1)];
            _entries[i] = new Entry { High = high, Low = low, Hash = hash, Next = bucket };
            bucket = i;
            Count++;
            return i;
        }

        // All entries are in use: they are chained anew.
        private void Grow()
        {
            Array.Resize(ref _entries, _entries.Length * 2);
            _buckets = new int[_entries.Length];
            Array.Fill(_buckets, None);
            for (int i = 0; i < _used; i++)
            {
                ref int bucket = ref _buckets[_entries[i].Hash & (uint)(_buckets.Length - 1)];
                _entries[i].Next = bucket;
                bucket = i;
            }
        }

        private struct Entry
        {
            public ulong High;
            public ulong Low;
            public uint Hash;
            public uint Connections;
            public int Next;
        }
    }
}
