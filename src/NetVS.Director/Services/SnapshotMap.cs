using System.Diagnostics.CodeAnalysis;

namespace NetVS.Director.Services;

/// <summary>An immutable hash map: a change makes another map that shares nearly all buckets with this one.</summary>
/// <remarks>
/// Rules change one at a time, and each change publishes a snapshot, so that copying everything each time would make loading n
/// rules cost n². Here the buckets, which hold about two entries each, lie in pages: a change copies one bucket, its page, and the
/// array of pages. Lookups take no lock, allocate nothing and are safe from any thread. Keys are the operator's, so nobody outside
/// chooses which ones collide. For thousands of changes at once there is <see cref="Draft"/>: it copies each page once.
/// </remarks>
internal sealed class SnapshotMap<TValue>
{
    private const int LeastBuckets = 16;
    private const int PageBits = 6;
    private const int PageSize = 1 << PageBits;
    private readonly Entry[]?[][] _pages;
    private readonly int _bucketCount;

    // In a draft, which pages are its own; null in a map.
    private readonly bool[]? _owned;

    private SnapshotMap(Entry[]?[][] pages, int bucketCount, int count, bool[]? owned = null)
    {
        _pages = pages;
        _bucketCount = bucketCount;
        _owned = owned;
        Count = count;
    }

    /// <summary>The map without entries.</summary>
    public static SnapshotMap<TValue> Empty { get; } = new([new Entry[]?[LeastBuckets]], LeastBuckets, 0);

    /// <summary>Entries.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// A copy that its changes change in place, until it is replaced by its <see cref="Final"/>. Thread: one; nobody else may see it.
    /// </summary>
    public SnapshotMap<TValue> Draft() => new((Entry[]?[][])_pages.Clone(), _bucketCount, Count, new bool[_pages.Length]);

    /// <summary>A draft as a map; the draft must not be used after that.</summary>
    public SnapshotMap<TValue> Final() => new(_pages, _bucketCount, Count);

    /// <summary>Whether the key is there.</summary>
    public bool Contains(in EndpointKey key) => TryFind(in key, out _);

    /// <summary>Finds a key's value.</summary>
    public bool TryFind(in EndpointKey key, [MaybeNullWhen(false)] out TValue value)
    {
        Entry[]? bucket = Count == 0 ? null : BucketOf(in key);
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
        SnapshotMap<TValue> next = Count < 2 * _bucketCount ? Copy(in key, Count + 1) : Spread(_bucketCount * 2, Count + 1, _owned is not null);
        ref Entry[]? bucket = ref next.BucketOf(in key);
        bucket = bucket is null ? [new Entry(key, value)] : [.. bucket, new Entry(key, value)];
        return next;
    }

    /// <summary>The map without this key, which must be there.</summary>
    public SnapshotMap<TValue> Without(EndpointKey key)
    {
        SnapshotMap<TValue> next = Copy(in key, Count - 1);
        ref Entry[]? bucket = ref next.BucketOf(in key);
        Entry[] rest = Array.FindAll(bucket!, e => !e.Key.Equals(key));
        bucket = rest.Length == 0 ? null : rest;
        return next;
    }

    private ref Entry[]? BucketOf(in EndpointKey key)
    {
        int at = key.GetHashCode() & (_bucketCount - 1);
        return ref _pages[at >> PageBits][at & (PageSize - 1)];
    }

    // A copy whose page for the key is its own; a draft is its own copy.
    private SnapshotMap<TValue> Copy(in EndpointKey key, int count)
    {
        int at = (key.GetHashCode() & (_bucketCount - 1)) >> PageBits;
        if (_owned is not null)
        {
            if (!_owned[at]) _pages[at] = (Entry[]?[])_pages[at].Clone();
            _owned[at] = true;
            Count = count;
            return this;
        }

        var pages = (Entry[]?[][])_pages.Clone();
        pages[at] = (Entry[]?[])pages[at].Clone();
        return new SnapshotMap<TValue>(pages, _bucketCount, count);
    }

    private SnapshotMap<TValue> Spread(int bucketCount, int count, bool isDraft)
    {
        var pages = new Entry[]?[Math.Max(1, bucketCount >> PageBits)][];
        for (int i = 0; i < pages.Length; i++) pages[i] = new Entry[]?[Math.Min(PageSize, bucketCount)];
        bool[]? owned = isDraft ? new bool[pages.Length] : null;
        owned?.AsSpan().Fill(true);
        var next = new SnapshotMap<TValue>(pages, bucketCount, count, owned);
        foreach (IGrouping<int, Entry> group in _pages.SelectMany(p => p).SelectMany(b => b ?? []).GroupBy(e => e.Key.GetHashCode() & (bucketCount - 1)))
            pages[group.Key >> PageBits][group.Key & (PageSize - 1)] = [.. group];
        return next;
    }

    private readonly record struct Entry(EndpointKey Key, TValue Value);
}
