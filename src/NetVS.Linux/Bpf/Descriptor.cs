using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NetVS.Linux.Bpf;

/// <summary>File descriptors that do not come from .NET.</summary>
internal static partial class Descriptor
{
    private const int F_DUPFD_CLOEXEC = 1030;

    /// <summary>A new descriptor of the same open file, closed on exec.</summary>
    public static SafeFileHandle Duplicate(int fd, string @object)
    {
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (copy < 0) throw new KernelCallException("fcntl(F_DUPFD_CLOEXEC)", Marshal.GetLastPInvokeError(), @object);
        return new SafeFileHandle(copy, ownsHandle: true);
    }

    // fcntl is variadic; on the supported ABIs (x86-64, arm64 Linux) an int argument is passed alike either way.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int fd, int command, int argument);
}
