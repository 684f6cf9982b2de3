using System.Runtime.InteropServices;

namespace NetVS.Testing.Memory;

/// <summary>Octets that end (or begin) right at a page that may not be touched: reading over the edge ends the process.</summary>
/// <remarks>Print the case before running it: an over-read leaves no exception to catch.</remarks>
public sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int ProtNone = 0, ProtReadWrite = 3, MapPrivateAnonymous = 0x22;
    private readonly byte* _mapping;
    private readonly int _page = Environment.SystemPageSize;
    private readonly int _room;

    /// <summary>Maps room for up to <paramref name="capacity"/> octets between two guard pages.</summary>
    public GuardedMemory(int capacity)
    {
        _room = (capacity + _page - 1) / _page * _page;
        if (_room == 0) _room = _page;
        nint mapping = mmap(0, (nuint)(_room + (2 * _page)), ProtNone, MapPrivateAnonymous, -1, 0);
        if (mapping == -1) throw new InvalidOperationException($"mmap: errno {Marshal.GetLastPInvokeError()}");
        _mapping = (byte*)mapping;
        if (mprotect(mapping + _page, (nuint)_room, ProtReadWrite) != 0)
            throw new InvalidOperationException($"mprotect: errno {Marshal.GetLastPInvokeError()}");
    }

    /// <summary>A span of this length whose end touches the guard page behind; filled with 0xA5.</summary>
    public Span<byte> AtEnd(int length)
    {
        Span<byte> span = AtEndKeeping(length);
        span.Fill(0xA5);
        return span;
    }

    /// <summary>As the other, with what stands there already.</summary>
    public Span<byte> AtEndKeeping(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _room);
        return new Span<byte>(_mapping + _page + _room - length, length);
    }

    /// <summary>A copy of the octets whose end touches the guard page behind.</summary>
    public Span<byte> AtEnd(ReadOnlySpan<byte> octets)
    {
        Span<byte> span = AtEnd(octets.Length);
        octets.CopyTo(span);
        return span;
    }

    /// <summary>A copy of the octets whose beginning touches the guard page before.</summary>
    public Span<byte> AtBeginning(ReadOnlySpan<byte> octets)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(octets.Length, _room);
        var span = new Span<byte>(_mapping + _page, octets.Length);
        octets.CopyTo(span);
        return span;
    }

    /// <inheritdoc/>
    public void Dispose() => _ = munmap((nint)_mapping, (nuint)(_room + (2 * _page)));

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mprotect(nint address, nuint length, int protection);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int munmap(nint address, nuint length);
}
