using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace NetVS.Memory;

/// <summary>A fixed number of entries in native memory, addressed by number: nothing for the garbage collector to trace.</summary>
/// <remarks>
/// Entries begin on cache lines: each takes <see cref="EntryOctets"/>, the size of <typeparamref name="T"/> rounded up to 64.
/// All entries are zero at first; the kernel provides their pages when they are first written.
/// Thread: none of its own; whoever owns the slab orders the accesses.
/// </remarks>
/// <typeparam name="T">The entry; its layout is the caller's to document.</typeparam>
public sealed unsafe class NativeSlab<T> : IDisposable
    where T : unmanaged
{
    private readonly NativeBlock _block;
    private byte* _entries;

    /// <summary>Reserves entries 0 to <paramref name="length"/> - 1.</summary>
    public NativeSlab(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        Length = length;
        _block = new NativeBlock((nuint)length * (nuint)Stride);
        _entries = _block.Start;
    }

    /// <summary>Octets from one entry to the next.</summary>
    public int EntryOctets => Stride;

    /// <summary>How many entries there are.</summary>
    public int Length { get; }

    /// <summary>Octets reserved for all entries.</summary>
    public long Octets => (long)Length * Stride;

    /// <summary>An entry, in place. The reference is good until the slab is disposed of.</summary>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Debug.Assert(_entries != null, "the slab has been disposed of");
            Debug.Assert((uint)index < (uint)Length, "an entry outside the slab");
            return ref *(T*)(_entries + ((nint)index * Stride));
        }
    }

    private static int Stride => (sizeof(T) + NativeBlock.CacheLine - 1) & ~(NativeBlock.CacheLine - 1);

    /// <summary>Asks the processor to fetch the first cache line of an entry; a hint that never faults.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int index)
    {
        if (Sse.IsSupported) Sse.Prefetch0(_entries + ((nint)index * Stride));
    }

    /// <summary>Overwrites an entry with 0xA5, so that a use after free shows itself.</summary>
    public void Poison(int index) => new Span<byte>(_entries + ((nint)index * Stride), sizeof(T)).Fill(0xA5);

    /// <summary>Returns the memory; no reference into it may be used afterwards.</summary>
    public void Dispose()
    {
        _entries = null;
        _block.Dispose();
    }
}
