using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetVS.Linux.Native;

namespace NetVS.Linux.Vrrp;

/// <summary>A named pipe that lines are written into and nobody need read: a full pipe loses them.</summary>
public sealed unsafe partial class NotifyFifo : IDisposable
{
    private readonly SafeFileHandle _pipe;
    private readonly bool _isMade;

    private NotifyFifo(string path, SafeFileHandle pipe, bool isMade)
    {
        Path = path;
        _pipe = pipe;
        _isMade = isMade;
    }

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>Lines that found no room.</summary>
    public long Lost { get; private set; }

    /// <summary>Opens a pipe; makes it, with mode 0644, where it is not there.</summary>
    /// <param name="path">The path.</param>
    /// <param name="user">The owner of a pipe that is made; null to leave it as it is.</param>
    /// <param name="group">Its group.</param>
    /// <exception cref="KernelCallException">It cannot be made or opened, or is no pipe.</exception>
    public static NotifyFifo Open(string path, uint? user, uint? group)
    {
        const uint Mode = 0x1A4;
        bool isMade = mkfifo(path, Mode) == 0;
        if (!isMade && Marshal.GetLastPInvokeError() != Errno.EEXIST) throw LibC.Failure("mkfifo", path);
        if (!isMade && !IsPipe(path)) throw new KernelCallException("open", Errno.EEXIST, path, "there is something else by that name: remove it, or choose another path");
        if (isMade && (user ?? group) is not null && chown(path, user ?? uint.MaxValue, group ?? uint.MaxValue) < 0) throw LibC.Failure("chown", path);

        // Opened for both directions, it needs no reader to be there.
        int fd = LibC.Check(LibC.open(path, LibC.O_RDWR | LibC.O_NONBLOCK | LibC.O_CLOEXEC), "open", path);
        return new NotifyFifo(path, new SafeFileHandle(fd, ownsHandle: true), isMade);
    }

    /// <summary>Writes a line, whole or not at all (pipe(7): up to PIPE_BUF octets).</summary>
    public void Write(ReadOnlySpan<byte> line)
    {
        nint written;
        fixed (byte* first = line) written = LibC.write(_pipe, first, (nuint)line.Length);
        if (written < 0) Lost++;
    }

    /// <summary>Closes it, and removes it if it was made.</summary>
    public void Dispose()
    {
        _pipe.Dispose();
        if (_isMade) _ = unlink(Path);
    }

    private static bool IsPipe(string path)
    {
        const uint S_IFMT = 0xF000, S_IFIFO = 0x1000, STATX_TYPE = 1;
        const int AT_FDCWD = -100;
        byte* status = stackalloc byte[256];

        // struct statx: stx_mode stands at octet 28 on every machine.
        return statx(AT_FDCWD, path, 0, STATX_TYPE, status) == 0 && (*(ushort*)(status + 28) & S_IFMT) == S_IFIFO;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkfifo(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chown(string path, uint user, uint group);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, void* status);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unlink(string path);
}
