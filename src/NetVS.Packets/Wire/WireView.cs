using System.Runtime.InteropServices;

namespace NetVS.Packets;

/// <summary>Lays a header struct over octets.</summary>
public static class WireView
{
    /// <summary>The header at an offset, for reading and writing in place.</summary>
    /// <remarks>For what was parsed before: a header that does not fit is our own bug and throws.</remarks>
    /// <typeparam name="T">A wire struct: packed, integers and wire-order types only.</typeparam>
    public static ref T At<T>(Span<byte> octets, int offset)
        where T : unmanaged => ref MemoryMarshal.AsRef<T>(octets[offset..]);

    /// <summary>The header at an offset, for reading only.</summary>
    /// <typeparam name="T">A wire struct: packed, integers and wire-order types only.</typeparam>
    public static ref readonly T ReadAt<T>(ReadOnlySpan<byte> octets, int offset)
        where T : unmanaged => ref MemoryMarshal.AsRef<T>(octets[offset..]);
}
