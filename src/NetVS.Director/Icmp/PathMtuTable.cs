using NetVS.Packets;

namespace NetVS.Director.Icmp;

/// <summary>Path MTUs learned from ICMP errors about the director's own tunnels (RFC 1191, RFC 8201), towards real servers.</summary>
/// <remarks>
/// A fixed number of entries; when all are taken the one that would expire first gives way. Values below the smallest MTU a family
/// must carry are raised to it, so that a forged message cannot stop a tunnel. Threads: any worker, under a lock; it is asked
/// only when a connection's cached route is looked up afresh, and <see cref="Version"/> tells when that is due.
/// </remarks>
internal sealed class PathMtuTable
{
    /// <summary>The most addresses remembered.</summary>
    public const int Capacity = 1024;

    /// <summary>IPv4's smallest path MTU taken from a message: RFC 791's 68 octets would cut every packet to shreds; Linux's limit is 552.</summary>
    public const int MinimumV4 = 552;

    /// <summary>IPv6's smallest link MTU, RFC 8200 §5.</summary>
    public const int MinimumV6 = 1280;

    private static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<IpAddress, int> _slots = new(Capacity);
    private readonly Entry[] _entries = new Entry[Capacity];
    private int _count;
    private int _version;

    private struct Entry
    {
        public IpAddress Address;
        public int IpMtu;
        public MonotonicTime Expires;
    }

    /// <summary>Changes whenever an answer may have changed. Partner: the write under the lock.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Remembers a path MTU if it is smaller than what is known.</summary>
    /// <returns>Whether something was learned.</returns>
    public bool Learn(IpAddress address, int ipMtu, int currentIpMtu, MonotonicTime now)
    {
        ipMtu = Math.Max(ipMtu, address.Family == IpFamily.V6 ? MinimumV6 : MinimumV4);
        if (ipMtu >= currentIpMtu) return false;
        lock (_lock)
        {
            if (!_slots.TryGetValue(address, out int slot))
            {
                slot = _count < Capacity ? _count++ : EvictOldest();
                _slots[address] = slot;
                _entries[slot].Address = address;
                _entries[slot].IpMtu = int.MaxValue;
            }

            ref Entry entry = ref _entries[slot];
            entry.Expires = now + s_lifetime;
            if (entry.IpMtu <= ipMtu) return false;
            entry.IpMtu = ipMtu;
            unchecked { Volatile.Write(ref _version, _version + 1); }
            return true;
        }
    }

    /// <summary>The smaller of the route's IP MTU and what was learned about the address.</summary>
    public int Limit(IpAddress address, int ipMtu)
    {
        if (Volatile.Read(ref _count) == 0) return ipMtu;
        lock (_lock)
            return _slots.TryGetValue(address, out int slot) ? Math.Min(ipMtu, _entries[slot].IpMtu) : ipMtu;
    }

    /// <summary>Forgets what is older than ten minutes. About once a second.</summary>
    public void Expire(MonotonicTime now)
    {
        if (Volatile.Read(ref _count) == 0) return;
        lock (_lock)
        {
            for (int slot = _count - 1; slot >= 0; slot--)
            {
                if (_entries[slot].Expires > now) continue;
                RemoveAt(slot);
                unchecked { Volatile.Write(ref _version, _version + 1); }
            }
        }
    }

    private int EvictOldest()
    {
        int oldest = 0;
        for (int slot = 1; slot < _count; slot++)
            if (_entries[slot].Expires < _entries[oldest].Expires) oldest = slot;
        _slots.Remove(_entries[oldest].Address);
        return oldest;
    }

    private void RemoveAt(int slot)
    {
        _slots.Remove(_entries[slot].Address);
        int last = --_count;
        if (slot == last) return;
        _entries[slot] = _entries[last];
        _slots[_entries[slot].Address] = slot;
    }
}
