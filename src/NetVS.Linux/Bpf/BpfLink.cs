using Microsoft.Win32.SafeHandles;

namespace NetVS.Linux.Bpf;

/// <summary>An attachment that lives as long as a descriptor or a pin of it: a killed process detaches by itself.</summary>
/// <remarks>Minimum kernel: 5.7 for control groups, 5.9 for XDP.</remarks>
public sealed unsafe class BpfLink : IDisposable
{
    private const int BPF_XDP = 37;

    private bool _isPinned;

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

    /// <summary>The interface an XDP or tcx link is attached to; 0 when the interface is gone.</summary>
    public int ReadInterfaceIndex() => (int)ReadInfo(4);

    /// <summary>The kernel's id of the link: another one whenever it is made anew.</summary>
    public uint ReadId() => ReadInfo(1);

    /// <summary>Puts another program in the link's place, in one step: every packet meets the old or the new one.</summary>
    public void Update(BpfProgram program) =>
        LibBpf.Check(LibBpf.bpf_link_update(Handle, program.Handle, null), "bpf_link_update", Object);

    /// <summary>Opens a pinned link.</summary>
    public static BpfLink FromPin(string path) => new(BpfFileSystem.Open(path), path) { _isPinned = true };

    /// <summary>Pins the link: it then outlives the process until the pin is removed.</summary>
    public void Pin(string path)
    {
        BpfFileSystem.Pin(Handle, path);
        _isPinned = true;
    }

    /// <summary>Detaches now, whoever else holds the link: what they hold is attached to nothing.</summary>
    public void Detach()
    {
        // Refused before Linux 5.9, where the last descriptor detaches.
        if (!Handle.IsClosed) _ = LibBpf.bpf_link_detach(Handle);
        Handle.Dispose();
    }

    /// <summary>Detaches, unless the link is pinned.</summary>
    /// <remarks>Not by closing alone: a child that is becoming its program has a copy of the descriptor for some milliseconds.</remarks>
    public void Dispose()
    {
        if (_isPinned) Handle.Dispose();
        else Detach();
    }

    // struct bpf_link_info: type, id, prog_id, padding, then a union whose first word is the interface for XDP and tcx.
    private uint ReadInfo(int word)
    {
        Span<uint> info = stackalloc uint[32];
        info.Clear();
        uint size = (uint)(info.Length * sizeof(uint));
        fixed (uint* words = info)
            LibBpf.Check(LibBpf.bpf_obj_get_info_by_fd(Handle, (byte*)words, &size), "bpf_obj_get_info_by_fd", Object);
        return info[word];
    }

    private static BpfLink Create(int fd, string @object, string? hint)
    {
        LibBpf.Check(fd, "bpf_link_create", @object, hint);
        return new BpfLink(new SafeFileHandle(fd, ownsHandle: true), @object);
    }
}
