using System.Diagnostics.CodeAnalysis;

namespace NetVS.Director.Services;

/// <summary>An immutable hash map: a change makes another map that shares all but one bucket with this one.</summary>
/// <remarks>
/// Rules change one at a time, and each change publishes a snapshot, so that copying everything each time would make loading n
/// rules cost n². Here a change copies one bucket and the array of buckets, which grows with the map so that a bucket holds about two
/// entries. Lookups take no lock, allocate nothing and are safe from any thread. Keys are the operator's, so nobody outside chooses
/// which ones collide.
/// </remarks>
internal sealed class SnapshotMap<TValue>
{
    private const int LeastBuckets = 16;
    private readonly Entry[]?[] _buckets;

    private SnapshotMap(Entry[]?[] buckets, int count)
    {
        _buckets = buckets;
        Count = count;
    }

    /// <summary>The map without entries.</summary>
    public static SnapshotMap<TValue> Empty { get; } = new(new Entry[]?[LeastBuckets], 0);

    /// <summary>Entries.</summary>
    public int Count { get; }

    /// <summary>Whether the key is there.</summary>
    public bool Contains(in EndpointKey key) => TryFind(in key, out _);

    /// <summary>Finds a key's value.</summary>
    public bool TryFind(in EndpointKey key, [MaybeNullWhen(false)] out TValue value)
    {
        Entry[]? bucket = _buckets[key.GetHashCode() & (_buckets.Length - 1)];
        if (bucket is not null)
        {
            foreach (ref readonly Entry entry in bucket.AsSpan())
            {
                if (!entry.Key.Equals(key)) continue;
                value = entry.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>The map with this key too, which must not be there yet.</summary>
    public SnapshotMap<TValue> With(EndpointKey key, TValue value)
    {
        Entry[]?[] buckets = Count < 2 * _buckets.Length ? (Entry[]?[])_buckets.Clone() : Spread(_buckets.Length * 2);
        ref Entry[]? bucket = ref buckets[key.GetHashCode() & (buckets.Length - 1)];
        bucket = bucket is null ? [new Entry(key, value)] : [.. bucket, new Entry(key, value)];
        return new SnapshotMap<TValue>(buckets, Count + 1);
    }

    /// <summary>The map without this key, which must be there.</summary>
    public SnapshotMap<TValue> Without(EndpointKey key)
    {
        var buckets = (Entry[]?[])_buckets.Clone();
        ref Entry[]? bucket = ref buckets[key.GetHashCode() & (buckets.Length - 1)];
        Entry[] rest = Array.FindAll(bucket!, e => !e.Key.Equals(key));
        bucket = rest.Length == 0 ? null : rest;
        return new SnapshotMap<TValue>(buckets, Count - 1);
    }

    private Entry[]?[] Spread(int size)
    {
        var buckets = new Entry[]?[size];
        foreach (IGrouping<int, Entry> group in _buckets.Where(b => b is not null).SelectMany(b => b!).GroupBy(e => e.Key.GetHashCode() & (size - 1)))
            buckets[group.Key] = [.. group];
        return buckets;
    }

    private readonly record struct Entry(EndpointKey Key, TValue Value);
}
