using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NetVS.Memory;

/// <summary>Finds handles by a 64-bit hash: an open hash table of cache-line buckets that never moves an entry and never grows.</summary>
/// <remarks>
/// <para>A bucket is one cache line:</para>
/// <code>
/// offset  octets
///      0      20   ten 16-bit tags, bits 32..47 of the hash, never 0; 0 = the slot is free
///     20      40   ten 32-bit handles
///     60       4   how many entries that would live here or before were put further on because this bucket was full
/// </code>
/// <para>
/// Bits 0..31 of the hash choose the home bucket (by multiplication, so that the number of buckets need not be a power of two);
/// bits 48..63 are left to the caller. An entry that finds its home full goes to the first bucket after it with a free slot, and
/// every bucket it passed counts it. A search ends at the first bucket that nothing has passed: nearly always at the home. A removal
/// takes the counts back, so nothing rots and no tombstone is left. All ten tags are compared at once.
/// </para>
/// <para>
/// With eight entries for each bucket of ten when full, a successful search reads 1.0x lines, and the index takes 8 octets per entry.
/// The same hash may be added many times (one client to many virtual addresses); <see cref="CountTag"/> lets the caller bound that.
/// </para>
/// Thread: one owner.
/// </remarks>
public sealed unsafe partial class HandleIndex : IDisposable
{
    /// <summary>Entries in one bucket.</summary>
    internal const int SlotsPerBucket = 10;

    /// <summary>Entries per bucket when the index is full; below <see cref="SlotsPerBucket"/> so that searches stay short.</summary>
    internal const int EntriesPerBucket = 8;

    /// <summary>Two mask bits for each of the ten tags: the part of a 32-octet comparison that is tags.</summary>
    internal const uint TagLanes = (1u << (2 * SlotsPerBucket)) - 1;

    private readonly NativeBlock _block;
    private readonly uint _bucketCount;
    private Bucket* _buckets;

    /// <summary>Reserves room for <paramref name="capacity"/> entries.</summary>
    public HandleIndex(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        Capacity = capacity;
        _bucketCount = (uint)((((long)capacity + EntriesPerBucket - 1) / EntriesPerBucket) + 1);
        _block = new NativeBlock((nuint)_bucketCount * (nuint)sizeof(Bucket));
        _buckets = (Bucket*)_block.Start;
    }

    /// <summary>The most entries the index takes.</summary>
    public int Capacity { get; }

    /// <summary>How many entries there are.</summary>
    public int Count { get; private set; }

    /// <summary>Octets reserved.</summary>
    public long Octets => (long)_bucketCount * sizeof(Bucket);

    /// <summary>Begins a search: the handles that may belong to <paramref name="hash"/>, each to be verified by the caller.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public HandleProbe Probe(ulong hash) => new(_buckets, _bucketCount, HomeOf(hash), TagOf(hash));

    /// <summary>Asks the processor to fetch the home bucket of a hash; a hint that never faults.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong hash)
    {
        if (Sse.IsSupported) Sse.Prefetch0(_buckets + HomeOf(hash));
    }

    /// <summary>How many entries a search for this hash would offer: those of the same hash, and one in 65,536 of their neighbours.</summary>
    public int CountTag(ulong hash)
    {
        int count = 0;
        HandleProbe probe = Probe(hash);
        while (probe.MoveNext()) count++;
        return count;
    }

    /// <summary>Adds a handle under a hash. The caller keeps the number of entries within <see cref="Capacity"/>.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="handle">The handle, not 0.</param>
    public void Add(ulong hash, int handle)
    {
        Debug.Assert(handle != 0, "0 means no handle");
        Debug.Assert(Count < Capacity, "the index is full: its owner bounds the number of entries");
        Bucket* bucket = _buckets + HomeOf(hash);

        // Ends: fewer entries than slots, so some bucket has a free slot.
        while (true)
        {
            uint free = MatchTags(bucket, 0);
            if (free != 0)
            {
                int slot = BitOperations.TrailingZeroCount(free) >> 1;
                bucket->Tags[slot] = TagOf(hash);
                bucket->Handles[slot] = handle;
                Count++;
                return;
            }

            bucket->Passed++;
            bucket = Next(bucket);
        }
    }

    /// <summary>Removes a handle that was added under this hash.</summary>
    public void Remove(ulong hash, int handle)
    {
        Bucket* home = _buckets + HomeOf(hash);
        ushort tag = TagOf(hash);
        Bucket* bucket = home;
        for (uint looked = 0; looked < _bucketCount; looked++)
        {
            for (uint matches = MatchTags(bucket, tag); matches != 0; matches &= matches - 1, matches &= matches - 1)
            {
                int slot = BitOperations.TrailingZeroCount(matches) >> 1;
                if (bucket->Handles[slot] != handle) continue;
                bucket->Tags[slot] = 0;
                bucket->Handles[slot] = 0;
                Count--;
                for (Bucket* passed = home; passed != bucket; passed = Next(passed)) passed->Passed--;
                return;
            }

            if (bucket->Passed == 0) break;
            bucket = Next(bucket);
        }

        Debug.Fail("the handle is not in the index under this hash");
    }

    /// <summary>Returns the memory.</summary>
    public void Dispose()
    {
        _buckets = null;
        _block.Dispose();
    }

    /// <summary>Two set bits for each slot whose tag is <paramref name="tag"/>, lowest slot lowest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint MatchTags(Bucket* bucket, ushort tag) =>
        Vector256.Equals(Vector256.Load(bucket->Tags), Vector256.Create(tag)).AsByte().ExtractMostSignificantBits() & TagLanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ushort TagOf(ulong hash)
    {
        uint tag = unchecked((ushort)(hash >> 32));
        return (ushort)(tag == 0 ? 1 : tag);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint HomeOf(ulong hash) => unchecked((uint)(((ulong)(uint)hash * _bucketCount) >> 32));

    private Bucket* Next(Bucket* bucket) => bucket + 1 == _buckets + _bucketCount ? _buckets : bucket + 1;

    /// <summary>One cache line of the index; the picture is above the class.</summary>
    [StructLayout(LayoutKind.Sequential, Size = NativeBlock.CacheLine)]
    internal struct Bucket
    {
        /// <summary>Bits 32..47 of each entry's hash; 0 where free.</summary>
        public fixed ushort Tags[SlotsPerBucket];

        /// <summary>Each entry's handle.</summary>
        public fixed int Handles[SlotsPerBucket];

        /// <summary>Entries whose search path leads through this bucket and on.</summary>
        public uint Passed;
    }
}
