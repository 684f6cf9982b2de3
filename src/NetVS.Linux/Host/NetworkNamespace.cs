using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NetVS.Linux.Host;

/// <summary>Network namespaces: which one a thread is in, and entering another.</summary>
/// <remarks>
/// Only the network namespace changes, not the mounts: /sys goes on showing the old namespace's devices (and the host's control
/// groups), while /proc/sys/net and sockets follow the calling thread.
/// </remarks>
public static partial class NetworkNamespace
{
    private const int CLONE_NEWNET = 0x40000000;

    /// <summary>The inode number of the calling thread's network namespace; used again after the namespace is gone.</summary>
    public static ulong CurrentInode()
    {
        // "net:[4026531840]"
        string target = File.ResolveLinkTarget("/proc/thread-self/ns/net", returnFinalTarget: false)?.Name ?? "";
        int start = target.IndexOf('[', StringComparison.Ordinal);
        return ulong.Parse(target[(start + 1)..^1]);
    }

    /// <summary>A number of the calling thread's namespace that no other had since the machine started; 0 before Linux 5.14.</summary>
    public static ulong CurrentCookie()
    {
        const int SOL_SOCKET = 1, SO_NETNS_COOKIE = 71;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        Span<byte> cookie = stackalloc byte[sizeof(ulong)];
        try
        {
            socket.GetRawSocketOption(SOL_SOCKET, SO_NETNS_COOKIE, cookie);
            return MemoryMarshal.Read<ulong>(cookie);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    /// <summary>Moves the calling thread into a namespace. The thread must not go back to a pool: let it end.</summary>
    /// <param name="path">Such as "/run/netns/NAME".</param>
    public static void Enter(string path)
    {
        using SafeFileHandle handle = OpenNamespace(path);
        if (setns(handle, CLONE_NEWNET) < 0)
            throw new KernelCallException("setns", Marshal.GetLastPInvokeError(), path, "run it as root (CAP_SYS_ADMIN)");
    }

    /// <summary>Runs a function on a thread of its own inside a namespace, and waits for it.</summary>
    public static T Run<T>(string path, Func<T> function)
    {
        T result = default!;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter(path);
                result = function();
            }
#pragma warning disable CA1031 // carried over to the waiting thread
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        return result;
    }

    /// <summary>As <see cref="Run{T}"/>, for an action.</summary>
    public static void Run(string path, Action action) => Run(path, () =>
    {
        action();
        return true;
    });

    private static SafeFileHandle OpenNamespace(string path)
    {
        const int O_CLOEXEC = 0x80000;
        int fd = open(path, O_CLOEXEC);
        return fd >= 0
            ? new SafeFileHandle(fd, ownsHandle: true)
            : throw new KernelCallException("open", Marshal.GetLastPInvokeError(), path, "is there such a namespace? see 'ip netns list'");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(SafeFileHandle handle, int type);
}
