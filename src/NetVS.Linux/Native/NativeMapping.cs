using Microsoft.Win32.SafeHandles;

namespace NetVS.Linux.Native;

/// <summary>A memory mapping that is unmapped when disposed of; whoever holds pointers into it disposes of it last.</summary>
internal sealed unsafe class NativeMapping : IDisposable
{
    private byte* _address;

    private NativeMapping(void* address, nuint length)
    {
        _address = (byte*)address;
        Length = length;
    }

    /// <summary>The first octet.</summary>
    public byte* Address => _address;

    /// <summary>Octets mapped.</summary>
    public nuint Length { get; }

    /// <summary>Maps zeroed memory.</summary>
    public static NativeMapping Anonymous(nuint length, string @object) => new(
        Require(LibC.mmap_anonymous(null, length, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS, -1, 0), @object),
        length);

    /// <summary>Maps a ring of a socket.</summary>
    public static NativeMapping OfSocket(SafeFileHandle socket, nuint length, long offset, string @object) => new(
        Require(LibC.mmap(null, length, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED | LibC.MAP_POPULATE, socket, offset), @object),
        length);

    /// <summary>Maps the memory of an eBPF map.</summary>
    /// <param name="map">An array with BPF_F_MMAPABLE, or a ring buffer.</param>
    /// <param name="length">Octets.</param>
    /// <param name="offset">Where in the map; whole pages.</param>
    /// <param name="isReadOnly">What the kernel demands for a ring buffer's data.</param>
    /// <param name="object">For messages.</param>
    public static NativeMapping OfMap(SafeFileHandle map, nuint length, long offset, bool isReadOnly, string @object) => new(
        Require(LibC.mmap(null, length, isReadOnly ? LibC.PROT_READ : LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, map, offset), @object),
        length);

    /// <summary>Unmaps.</summary>
    public void Dispose()
    {
        if (_address is null) return;
        _ = LibC.munmap(_address, Length);
        _address = null;
    }

    private static void* Require(void* address, string @object) =>
        (nint)address != -1 ? address : throw LibC.Failure("mmap", @object, "not enough memory, or a limit on locked memory (ulimit -l)");
}
