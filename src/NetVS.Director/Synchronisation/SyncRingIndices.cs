using System.Runtime.InteropServices;

namespace NetVS.Director.Synchronisation;

/// <summary>Both ends of a <see cref="SyncRing{TItem}"/>, each on a cache line of its own.</summary>
[StructLayout(LayoutKind.Explicit, Size = 192)]
internal struct SyncRingIndices
{
    /// <summary>Items written, modulo 2^32; the writer's.</summary>
    [FieldOffset(64)]
    public uint Written;

    /// <summary>Items read, modulo 2^32; the reader's.</summary>
    [FieldOffset(128)]
    public uint Read;
}
