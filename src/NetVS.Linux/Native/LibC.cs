using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NetVS.Linux.Native;

/// <summary>The system calls the links make. Names and structs keep the headers' spelling (sys/socket.h, sys/mman.h, poll.h).</summary>
/// <remarks>
/// Descriptors are passed as int where a call is made per batch: the owner of the handle makes the call on its own thread and closes
/// the handle on the same thread, so it is open for the time of the call.
/// </remarks>
internal static unsafe partial class LibC
{
    public const int AF_UNIX = 1, AF_INET = 2, AF_PACKET = 17, AF_XDP = 44;
    public const int SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_RAW = 3, SOCK_CLOEXEC = 0x80000, SOCK_NONBLOCK = 0x800;
    public const int SOL_SOCKET = 1, SOL_PACKET = 263, SOL_XDP = 283;
    public const int SO_ERROR = 4, SO_PEERCRED = 17, SO_MARK = 36, SO_SNDBUFFORCE = 32, SO_RCVBUFFORCE = 33, SO_ATTACH_BPF = 50;
    public const int PROT_READ = 1, PROT_WRITE = 2, MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_ANONYMOUS = 0x20, MAP_POPULATE = 0x8000;
    public const int MADV_DONTFORK = 10;
    public const int MSG_DONTWAIT = 0x40, MSG_TRUNC = 0x20;
    public const short POLLIN = 1, POLLERR = 8;
    public const int EFD_CLOEXEC = 0x80000, EFD_NONBLOCK = 0x800;
    public const int O_RDWR = 2, O_NONBLOCK = 0x800, O_CLOEXEC = 0x80000;

    private const string Library = "libc";

    [StructLayout(LayoutKind.Sequential)]
    public struct pollfd
    {
        public int fd;
        public short events;
        public short revents;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct timespec
    {
        public long tv_sec;
        public long tv_nsec;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct iovec
    {
        public void* iov_base;
        public nuint iov_len;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct msghdr
    {
        public void* msg_name;
        public uint msg_namelen;
        public iovec* msg_iov;
        public nuint msg_iovlen;
        public void* msg_control;
        public nuint msg_controllen;
        public int msg_flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct mmsghdr
    {
        public msghdr msg_hdr;
        public uint msg_len;
    }

    [LibraryImport(Library, SetLastError = true)]
    public static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bind(SafeFileHandle fd, void* address, uint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int connect(SafeFileHandle fd, void* address, uint length);

    [LibraryImport(Library, EntryPoint = "bind", SetLastError = true)]
    public static partial int bind_raw(int fd, void* address, uint length);

    [LibraryImport(Library, EntryPoint = "connect", SetLastError = true)]
    public static partial int connect_raw(int fd, void* address, uint length);

    [LibraryImport(Library)]
    public static partial int close(int fd);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int epoll_ctl(int epoll, int operation, int fd, void* what);

    [LibraryImport(Library)]
    public static partial int epoll_wait(int epoll, void* events, int most, int milliseconds);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int listen(SafeFileHandle fd, int backlog);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setsockopt(SafeFileHandle fd, int level, int name, void* value, uint length);

    [LibraryImport(Library, EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int setsockopt_raw(int fd, int level, int name, void* value, uint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int getsockopt(SafeFileHandle fd, int level, int name, void* value, uint* length);

    [LibraryImport(Library, EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int getsockopt_raw(int fd, int level, int name, void* value, uint* length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial void* mmap(void* address, nuint length, int protection, int flags, SafeFileHandle fd, long offset);

    [LibraryImport(Library, EntryPoint = "mmap", SetLastError = true)]
    public static partial void* mmap_anonymous(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int munmap(void* address, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int madvise(void* address, nuint length, int advice);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint sendto(int fd, void* octets, nuint length, int flags, void* address, uint addressLength);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint recvfrom(int fd, void* octets, nuint length, int flags, void* address, uint* addressLength);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint recvmsg(int fd, msghdr* message, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int sendmmsg(int fd, mmsghdr* messages, uint count, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint read(int fd, void* octets, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint readv(int fd, iovec* parts, int count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint writev(int fd, iovec* parts, int count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint write(SafeFileHandle fd, void* octets, nuint length);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int eventfd(uint initial, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int ppoll(pollfd* descriptors, nuint count, timespec* timeout, void* signals);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int ioctl(SafeFileHandle fd, nuint request, void* argument);

    /// <summary>Throws for a negative result of a call that has just been made.</summary>
    public static int Check(int result, string call, string @object, string? hint = null) =>
        result >= 0 ? result : throw Failure(call, @object, hint);

    /// <summary>The exception for a call that has just failed.</summary>
    public static KernelCallException Failure(string call, string @object, string? hint = null)
    {
        int errno = Marshal.GetLastPInvokeError();
        return new KernelCallException(call, errno, @object, hint ?? (errno == Errno.EPERM ? "run it as root (CAP_NET_ADMIN, CAP_NET_RAW)" : null));
    }

    /// <summary>Opens a socket.</summary>
    public static SafeFileHandle OpenSocket(int domain, int type, int protocol, string @object) =>
        new(Check(socket(domain, type | SOCK_CLOEXEC, protocol), "socket", @object), ownsHandle: true);

    /// <summary>Sets an option that is one struct or integer.</summary>
    public static void SetOption<T>(SafeFileHandle fd, int level, int name, T value, string optionName, string @object)
        where T : unmanaged =>
        Check(setsockopt(fd, level, name, &value, (uint)sizeof(T)), $"setsockopt {optionName}", @object);
}
