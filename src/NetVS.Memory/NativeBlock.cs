using System.Runtime.InteropServices;

namespace NetVS.Memory;

/// <summary>A block of native memory: zero, aligned to a cache line, given by the kernel page by page as it is touched.</summary>
/// <remarks>
/// A block of <see cref="HugePage"/> or more is aligned to huge pages and the kernel is asked to use them
/// (<c>madvise(2)</c>, <c>MADV_HUGEPAGE</c>): with a million connections nearly every access would otherwise miss the TLB as
/// well as the cache. The request is a hint; where it is refused everything works, slower.
/// Lifetime: the memory is returned by <see cref="Dispose()"/> or by the finaliser. Whoever holds the pointer holds the block.
/// </remarks>
internal sealed unsafe partial class NativeBlock : IDisposable
{
    /// <summary>Octets of a huge page on x86-64 and arm64 with 4 KiB pages.</summary>
    public const int HugePage = 2 << 20;

    /// <summary>Octets of a cache line.</summary>
    public const int CacheLine = 64;

    private const int MADV_HUGEPAGE = 14;

    private static long s_live;
    private void* _allocation;

    /// <summary>Reserves <paramref name="octets"/> of zero memory.</summary>
    /// <exception cref="OutOfMemoryException">The kernel refuses the reservation.</exception>
    public NativeBlock(nuint octets)
    {
        ArgumentOutOfRangeException.ThrowIfZero(octets);
        Octets = octets;
        nuint alignment = octets >= HugePage ? (nuint)HugePage : CacheLine;

        // calloc leaves fresh mappings untouched, an aligned allocation would have to be cleared, that is, touched.
        _allocation = NativeMemory.AllocZeroed(octets + alignment);
        Start = (byte*)(((nuint)_allocation + alignment - 1) & ~(alignment - 1));
        Interlocked.Add(ref s_live, (long)octets);
        if (alignment == HugePage) HasHugePages = madvise(Start, octets, MADV_HUGEPAGE) == 0;
    }

    /// <summary>Frees the memory of a block nobody disposed of.</summary>
    ~NativeBlock() => Free();

    /// <summary>Octets of all blocks that have not been freed. Thread: any.</summary>
    internal static long LiveOctets => Interlocked.Read(ref s_live);

    /// <summary>The first octet.</summary>
    public byte* Start { get; private set; }

    /// <summary>Octets from <see cref="Start"/> on.</summary>
    public nuint Octets { get; }

    /// <summary>Whether the kernel took the advice to use huge pages.</summary>
    public bool HasHugePages { get; }

    /// <summary>Returns the memory; no pointer into it may be used afterwards.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_allocation is null) return;
        NativeMemory.Free(_allocation);
        Interlocked.Add(ref s_live, -(long)Octets);
        _allocation = null;
        Start = null;
    }

    [LibraryImport("libc")]
    private static partial int madvise(void* address, nuint length, int advice);
}
