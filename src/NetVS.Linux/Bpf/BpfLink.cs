using Microsoft.Win32.SafeHandles;

namespace NetVS.Linux.Bpf;

/// <summary>An attachment that lives as long as a descriptor or a pin of it: a killed process detaches by itself.</summary>
/// <remarks>Minimum kernel: 5.7 for control groups, 5.9 for XDP.</remarks>
public sealed unsafe class BpfLink : IDisposable
{
    private const int BPF_XDP = 37;

    internal BpfLink(SafeFileHandle handle, string @object)
    {
        Handle = handle;
        Object = @object;
    }

    /// <summary>The descriptor.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>What it is attached to, for messages.</summary>
    public string Object { get; }

    /// <summary>Attaches an XDP program to an interface of the current network namespace.</summary>
    /// <exception cref="KernelCallException">EBUSY: another program is there; EOPNOTSUPP: not in this mode.</exception>
    public static BpfLink AttachXdp(BpfProgram program, int interfaceIndex, XdpMode mode, string interfaceName)
    {
        var options = new LibBpf.LinkCreateOptions { Size = (nuint)sizeof(LibBpf.LinkCreateOptions), Flags = (uint)mode };
        int fd = LibBpf.bpf_link_create(program.Handle, interfaceIndex, BPF_XDP, &options);
        string @object = $"{interfaceName} (XDP {mode.ToString().ToLowerInvariant()})";
        return Create(fd, @object, -fd switch
        {
            Errno.EBUSY or Errno.EEXIST => $"another XDP program is attached: see 'ip link show dev {interfaceName}'",
            Errno.EOPNOTSUPP => "the driver has no XDP in this mode",
            Errno.EINVAL => "XDP links need Linux 5.9 or later, or the frame MTU is too large for XDP on this driver",
            _ => null,
        });
    }

    /// <summary>Attaches a program to a control group (version 2) and all below it, beside others that are there.</summary>
    public static BpfLink AttachControlGroup(BpfProgram program, ControlGroup group, ControlGroupHook hook)
    {
        bool added = false;
        try
        {
            group.Handle.DangerousAddRef(ref added);
            var options = new LibBpf.LinkCreateOptions { Size = (nuint)sizeof(LibBpf.LinkCreateOptions) };
            int fd = LibBpf.bpf_link_create(program.Handle, (int)group.Handle.DangerousGetHandle(), (int)hook, &options);
            return Create(fd, $"{hook} of control group {group.Path}", -fd switch
            {
                Errno.EINVAL => "links to control groups need Linux 5.7 or later",
                Errno.EPERM => "a program above or below is attached so that it excludes others, or this is not root",
                _ => null,
            });
        }
        finally
        {
            if (added) group.Handle.DangerousRelease();
        }
    }

    /// <summary>Opens a pinned link.</summary>
    public static BpfLink FromPin(string path) => new(BpfFileSystem.Open(path), path);

    /// <summary>Pins the link: it then outlives the process until the pin is removed.</summary>
    public void Pin(string path) => BpfFileSystem.Pin(Handle, path);

    /// <summary>Detaches, unless the link is pinned.</summary>
    public void Dispose() => Handle.Dispose();

    private static BpfLink Create(int fd, string @object, string? hint)
    {
        LibBpf.Check(fd, "bpf_link_create", @object, hint);
        return new BpfLink(new SafeFileHandle(fd, ownsHandle: true), @object);
    }
}
