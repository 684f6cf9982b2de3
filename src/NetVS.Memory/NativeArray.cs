using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace NetVS.Memory;

/// <summary>Entries in memory that somebody else provides: a mapping shared with the kernel, or a block of one's own.</summary>
/// <remarks>
/// It owns nothing: whoever maps the memory keeps it mapped until nobody uses the array any more. Other threads, other processes and eBPF
/// programs may write the same words at any time; whoever defines the entry says which words are whose and how they are ordered.
/// </remarks>
/// <typeparam name="T">The entry, laid out without gaps between entries.</typeparam>
public sealed unsafe class NativeArray<T>
    where T : unmanaged
{
    private readonly T* _entries;

    /// <summary>Entries 0 to <paramref name="length"/> - 1 at an address.</summary>
    public NativeArray(nint address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfZero(address);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        _entries = (T*)address;
        Length = length;
    }

    /// <summary>How many entries there are.</summary>
    public int Length { get; }

    /// <summary>An entry, in place; good as long as the memory is mapped.</summary>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Debug.Assert((uint)index < (uint)Length, "an entry outside the array");
            return ref _entries[index];
        }
    }

    /// <summary>Asks the processor to fetch the first cache line of an entry; a hint that never faults.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int index)
    {
        if (Sse.IsSupported) Sse.Prefetch0(_entries + index);
    }
}
