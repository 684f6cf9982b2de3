// Reference §3.12 (capacities, garbage collection).
using System.Runtime.CompilerServices;
using NetVS.Packets;

namespace NetVS.Director.Scheduling;

/// <summary>What lblc and lblcr remember per address that packets are sent to.</summary>
/// <remarks>
/// 1024 buckets of chained entries in one array. It allocates only when there are more entries than ever before; freed entries are used
/// again with what is in their value. Nominally it holds 16384 entries; it takes half as many more, then refuses new ones until the
/// collector has been. Thread: whoever holds the service's lock.
/// </remarks>
/// <typeparam name="TValue">What an entry holds.</typeparam>
internal sealed class LocalityTable<TValue>
    where TValue : struct
{
    /// <summary>Entries above which the collector drops what is not used.</summary>
    public const int NominalCapacity = 16 * 1024;

    /// <summary>Entries at which new ones are refused.</summary>
    public const int Limit = NominalCapacity + (NominalCapacity / 2);

    private const int BucketBits = 10;
    private const int None = -1;
    private const int TurnsToFullCheck = 30;
    private static readonly TimeSpan s_underPressure = TimeSpan.FromSeconds(360);
    private readonly int[] _buckets = new int[1 << BucketBits];
    private Entry[] _entries = new Entry[16];
    private int _used;
    private int _free = None;
    private int _rover;
    private int _turn = 1;

    /// <summary>An empty table.</summary>
    public LocalityTable() => Array.Fill(_buckets, None);

    /// <summary>Entries now.</summary>
    public int Count { get; private set; }

    /// <summary>Finds an address and notes that it was used.</summary>
    /// <returns>A null reference if there is no entry; else valid until the next <see cref="TryAdd"/>.</returns>
    public ref TValue Find(in IpAddress address, MonotonicTime now)
    {
        for (int i = _buckets[BucketOf(in address)]; i != None; i = _entries[i].Next)
        {
            if (_entries[i].Address != address) continue;
            _entries[i].LastUsed = now;
            return ref _entries[i].Value;
        }

        return ref Unsafe.NullRef<TValue>();
    }

    /// <summary>Adds an address that is not there, used just now.</summary>
    /// <returns>A null reference if the table is full; else the value as the entry's former user left it.</returns>
    public ref TValue TryAdd(in IpAddress address, MonotonicTime now)
    {
        if (Count >= Limit) return ref Unsafe.NullRef<TValue>();
        int i = _free;
        if (i != None) _free = _entries[i].Next;
        else
        {
            if (_used == _entries.Length) Array.Resize(ref _entries, _used * 2);
            i = _used++;
        }

        ref int bucket = ref _buckets[BucketOf(in address)];
        ref Entry entry = ref _entries[i];
        entry.Address = address;
        entry.LastUsed = now;
        entry.Next = bucket;
        bucket = i;
        Count++;
        return ref entry.Value;
    }

    /// <summary>
    /// The collector, once a minute. Every thirtieth turn without pressure drops what was unused for <paramref name="expiration"/>. A
    /// turn above the nominal capacity drops what was unused for six minutes, until a third more than the excess is gone but at most
    /// half the capacity; such turns do not count towards the thirty.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <param name="expiration">How long an unused entry is kept.</param>
    /// <param name="keepsAtDeadline">Whether an entry unused for exactly that long still stays.</param>
    public void Collect(MonotonicTime now, TimeSpan expiration, bool keepsAtDeadline)
    {
        if (_turn % TurnsToFullCheck == 0)
        {
            _turn = 1;
            Sweep(now, expiration, keepsAtDeadline, int.MaxValue);
        }
        else if (Count <= NominalCapacity) _turn++;
        else Sweep(now, s_underPressure, keepsAtDeadline: false, Math.Min((Count - NominalCapacity) * 4 / 3, NominalCapacity / 2));
    }

    private void Sweep(MonotonicTime now, TimeSpan expiration, bool keepsAtDeadline, int goal)
    {
        for (int visited = 0; visited < _buckets.Length && goal > 0; visited++)
        {
            _rover = (_rover + 1) % _buckets.Length;
            goal -= SweepBucket(ref _buckets[_rover], now, expiration, keepsAtDeadline);
        }
    }

    private int SweepBucket(ref int link, MonotonicTime now, TimeSpan expiration, bool keepsAtDeadline)
    {
        int dropped = 0;
        while (link != None)
        {
            ref Entry entry = ref _entries[link];
            TimeSpan unused = now - entry.LastUsed;
            if (unused < expiration || (keepsAtDeadline && unused == expiration))
            {
                link = ref entry.Next;
                continue;
            }

            int gone = link;
            link = entry.Next;
            entry.Next = _free;
            _free = gone;
            Count--;
            dropped++;
        }

        return dropped;
    }

    private static int BucketOf(in IpAddress address) => (int)WeightMath.Hash(address.Fold(), BucketBits);

    private struct Entry
    {
        public IpAddress Address;
        public MonotonicTime LastUsed;
        public int Next;
        public TValue Value;
    }
}
