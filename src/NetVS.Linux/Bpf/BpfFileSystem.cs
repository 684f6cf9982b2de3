using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NetVS.Linux.Bpf;

/// <summary>bpffs: where programs, maps and links are pinned so that they outlive the process.</summary>
/// <remarks>
/// Each mount of bpffs is a file system of its own: what is pinned in a mount made inside <c>ip netns exec</c> is gone with that
/// command. <see cref="Require"/> therefore prefers a mount that is there.
/// </remarks>
public static partial class BpfFileSystem
{
    /// <summary>Where the rest of the system expects bpffs.</summary>
    public const string UsualMount = "/sys/fs/bpf";

    /// <summary>Where it is mounted when the usual place cannot be used.</summary>
    public const string OwnMount = "/run/netvs/bpf";

    private const int MNT_DETACH = 2;

    /// <summary>A mounted bpffs: one that is there, else mounted at the usual place, else at our own.</summary>
    /// <returns>The mount point, without a slash at the end.</returns>
    /// <exception cref="KernelCallException">It cannot be mounted.</exception>
    public static string Require()
    {
        if (TryFind() is { } mounted) return mounted;
        if (Directory.Exists(UsualMount) && mount("bpf", UsualMount, "bpf", 0, "mode=700") == 0) return UsualMount;
        Directory.CreateDirectory(OwnMount);
        Mount(OwnMount);
        return OwnMount;
    }

    /// <summary>A bpffs that is mounted: at the usual place, else at our own, else anywhere; null where there is none.</summary>
    public static string? TryFind()
    {
        string[] mounts = [.. Mounts()];
        foreach (string known in (string[])[UsualMount, OwnMount])
            if (mounts.Contains(known)) return known;
        return mounts.FirstOrDefault();
    }

    /// <summary>Mounts a bpffs of its own at an existing directory.</summary>
    public static void Mount(string directory)
    {
        if (mount("bpf", directory, "bpf", 0, "mode=700") < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            throw new KernelCallException("mount", errno, $"bpffs at {directory}", LibBpf.Hint(errno) ?? "the kernel lacks CONFIG_BPF_SYSCALL");
        }
    }

    /// <summary>Takes a mount away.</summary>
    public static void Unmount(string directory)
    {
        if (umount2(directory, MNT_DETACH) < 0)
            throw new KernelCallException("umount2", Marshal.GetLastPInvokeError(), directory);
    }

    /// <summary>Removes a pin; false where there is none.</summary>
    public static bool Unpin(string path)
    {
        if (!Path.Exists(path)) return false;
        File.Delete(path);
        return true;
    }

    internal static void Pin(SafeHandle handle, string path) =>
        LibBpf.Check(LibBpf.bpf_obj_pin(handle, path), "bpf_obj_pin", path);

    internal static SafeFileHandle Open(string path) =>
        new(LibBpf.Check(LibBpf.bpf_obj_get(path), "bpf_obj_get", path), ownsHandle: true);

    private static IEnumerable<string> Mounts() =>
        File.ReadLines("/proc/thread-self/mounts").Select(l => l.Split(' ')).Where(f => f.Length > 2 && f[2] == "bpf").Select(f => f[1]);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, nuint flags, string data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);
}
