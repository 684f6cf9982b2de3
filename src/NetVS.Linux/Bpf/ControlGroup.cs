using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NetVS.Linux.Bpf;

/// <summary>An open directory of the control group hierarchy, version 2, and the programs attached there.</summary>
/// <remarks>
/// The hierarchy is found by the mount table. Where it is not mounted (<c>ip netns exec</c> mounts a fresh /sys that hides it), it is
/// mounted aside for as long as it takes to open the directory: it is one hierarchy, whichever mount shows it.
/// Programs attached with <see cref="Attach"/> stay until they are detached or the group is removed; they need no process and no pin.
/// </remarks>
public sealed unsafe partial class ControlGroup : IDisposable
{
    private const uint BPF_F_ALLOW_MULTI = 2;
    private const int O_DIRECTORY = 0x10000, O_CLOEXEC = 0x80000, MNT_DETACH = 2;
    private const int MaxPrograms = 64;
    private const string NoSupport = "it takes root and a kernel with CONFIG_CGROUP_BPF, Linux 5.8 or later for the peer name hooks";

    private ControlGroup(SafeFileHandle handle, string path)
    {
        Handle = handle;
        Path = path;
    }

    /// <summary>The directory.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>The path below the hierarchy's root, "/" for the root itself.</summary>
    public string Path { get; }

    /// <summary>Opens a group.</summary>
    /// <param name="path">Below the root of the hierarchy ("/", "/web"), or a full path of a mounted one ("/sys/fs/cgroup/web").</param>
    /// <exception cref="KernelCallException">There is no such group, or the kernel has no control groups version 2.</exception>
    public static ControlGroup Open(string path)
    {
        BpfLibrary.Require();
        foreach (string mount in Mounts())
        {
            string relative = Below(mount, path);
            if (Directory.Exists(mount + relative)) return OpenDirectory(mount + relative, relative);
        }

        return OpenAside(path);
    }

    /// <summary>Attaches a program beside whatever is attached already.</summary>
    public void Attach(BpfProgram program, ControlGroupHook hook) =>
        LibBpf.Check(
            LibBpf.bpf_prog_attach(program.Handle, Handle, (int)hook, BPF_F_ALLOW_MULTI), "bpf_prog_attach", $"{hook} of control group {Path}");

    /// <summary>Detaches a program; false where it was not attached.</summary>
    public bool Detach(BpfProgram program, ControlGroupHook hook)
    {
        int result = LibBpf.bpf_prog_detach2(program.Handle, Handle, (int)hook);
        if (result is -Errno.ENOENT) return false;
        LibBpf.Check(result, "bpf_prog_detach", $"{hook} of control group {Path}");
        return true;
    }

    /// <summary>The ids of the programs attached to this very group, in the order they run.</summary>
    public IReadOnlyList<uint> Programs(ControlGroupHook hook)
    {
        uint[] ids = new uint[MaxPrograms];
        uint count = MaxPrograms;
        fixed (uint* first = ids)
        {
            LibBpf.Check(
                LibBpf.bpf_prog_query(Handle, (int)hook, 0, null, first, &count), "bpf_prog_query", $"{hook} of control group {Path}", NoSupport);
        }

        return ids[..(int)count];
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    private static IEnumerable<string> Mounts() =>
        File.ReadLines("/proc/thread-self/mounts").Select(l => l.Split(' ')).Where(f => f.Length > 2 && f[2] == "cgroup2").Select(f => f[1]);

    private static string Below(string mount, string path)
    {
        if (path == mount) return "/";
        if (path.StartsWith(mount + "/", StringComparison.Ordinal)) path = path[mount.Length..];
        path = "/" + path.Trim('/');
        return path;
    }

    private static ControlGroup OpenDirectory(string directory, string path)
    {
        int fd = open(directory, O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
        {
            throw new KernelCallException(
                "open", Marshal.GetLastPInvokeError(), $"control group {path}", "create it first, or name an existing one (see /proc/PID/cgroup)");
        }

        return new ControlGroup(new SafeFileHandle(fd, ownsHandle: true), path);
    }

    private static ControlGroup OpenAside(string path)
    {
        // Whatever the prefix, the usual mount points name the root.
        string relative = path;
        foreach (string usual in (string[])["/sys/fs/cgroup/unified", "/sys/fs/cgroup"])
        {
            if (path != usual && !path.StartsWith(usual + "/", StringComparison.Ordinal)) continue;
            relative = path[usual.Length..];
            break;
        }

        relative = "/" + relative.Trim('/');
        string aside = Directory.CreateTempSubdirectory("netvs-cgroup-").FullName;
        try
        {
            if (mount("cgroup2", aside, "cgroup2", 0, 0) < 0)
            {
                throw new KernelCallException(
                    "mount", Marshal.GetLastPInvokeError(), "control groups version 2",
                    "mount them (mount -t cgroup2 none /sys/fs/cgroup) or run this as root on a kernel with CONFIG_CGROUPS");
            }

            try
            {
                return OpenDirectory(aside + relative, relative);
            }
            finally
            {
                _ = umount2(aside, MNT_DETACH);
            }
        }
        finally
        {
            Directory.Delete(aside);
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, nuint flags, nint data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);
}
