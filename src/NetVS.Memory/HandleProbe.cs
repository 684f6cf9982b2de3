using System.Numerics;
using System.Runtime.CompilerServices;

namespace NetVS.Memory;

/// <summary>A search in a <see cref="HandleIndex"/>: offers one candidate handle after the other.</summary>
/// <remarks>Good until the index is changed or disposed of.</remarks>
public unsafe ref struct HandleProbe
{
    private readonly HandleIndex.Bucket* _buckets;
    private readonly uint _bucketCount;
    private readonly ushort _tag;
    private uint _bucket;
    private uint _passed;
    private uint _matches;

    /// <summary>Begins at the home bucket.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal HandleProbe(HandleIndex.Bucket* buckets, uint bucketCount, uint home, ushort tag)
    {
        _buckets = buckets;
        _bucketCount = bucketCount;
        _tag = tag;
        _bucket = home;
        _matches = HandleIndex.MatchTags(buckets + home, tag);
    }

    /// <summary>The candidate; good after <see cref="MoveNext"/> returned true.</summary>
    public int Handle { get; private set; }

    /// <summary>Goes to the next candidate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        if (_matches == 0 && !MoveToNextBucketWithMatch()) return false;
        int slot = BitOperations.TrailingZeroCount(_matches) >> 1;
        _matches &= _matches - 1;
        _matches &= _matches - 1;
        Handle = _buckets[_bucket].Handles[slot];
        return true;
    }

    private bool MoveToNextBucketWithMatch()
    {
        // The count of passed buckets ends the walk even if every bucket has been passed by some entry.
        while (_buckets[_bucket].Passed != 0 && ++_passed < _bucketCount)
        {
            if (++_bucket == _bucketCount) _bucket = 0;
            _matches = HandleIndex.MatchTags(_buckets + _bucket, _tag);
            if (_matches != 0) return true;
        }

        return false;
    }
}
