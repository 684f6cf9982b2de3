using Microsoft.Win32.SafeHandles;

namespace NetVS.Linux.Bpf;

/// <summary>The ingress or egress side of an interface's clsact qdisc, with the eBPF filters on it.</summary>
/// <remarks>
/// Filters stay after the process and are found again by priority and handle. All calls concern the network namespace of the
/// calling thread. Minimum kernel: 4.5.
/// </remarks>
/// <param name="InterfaceIndex">The interface.</param>
/// <param name="InterfaceName">Its name, for messages.</param>
/// <param name="Direction">The side.</param>
public sealed unsafe record TcHook(int InterfaceIndex, string InterfaceName, TcDirection Direction)
{
    private const uint BPF_TC_F_REPLACE = 1;

    /// <summary>Creates the interface's clsact qdisc, which carries both sides; false where it was there already.</summary>
    public bool CreateQdisc()
    {
        LibBpf.TcHookOptions hook = Hook();
        int result = LibBpf.bpf_tc_hook_create(&hook);
        if (result == -Errno.EEXIST) return false;
        Check(result, "bpf_tc_hook_create");
        return true;
    }

    /// <summary>Removes the clsact qdisc with every filter on both sides, whoever added them.</summary>
    public void DestroyQdisc()
    {
        LibBpf.TcHookOptions hook = Hook();
        hook.AttachPoint = (int)(TcDirection.Ingress | TcDirection.Egress);
        Check(LibBpf.bpf_tc_hook_destroy(&hook), "bpf_tc_hook_destroy");
    }

    /// <summary>Adds a filter whose program decides by itself (direct action).</summary>
    /// <param name="program">The program.</param>
    /// <param name="priority">tc's preference: lower ones run first; 0 lets the kernel choose.</param>
    /// <param name="handle">Tells filters of one priority apart; 0 lets the kernel choose.</param>
    /// <param name="replace">Whether a filter of the same priority and handle is replaced in one step.</param>
    public TcFilter Attach(BpfProgram program, ushort priority, uint handle, bool replace = false)
    {
        bool added = false;
        try
        {
            program.Handle.DangerousAddRef(ref added);
            LibBpf.TcHookOptions hook = Hook();
            var options = new LibBpf.TcOptions
            {
                Size = (nuint)sizeof(LibBpf.TcOptions),
                ProgramFd = (int)program.Handle.DangerousGetHandle(),
                Priority = priority,
                Handle = handle,
                Flags = replace ? BPF_TC_F_REPLACE : 0,
            };
            Check(LibBpf.bpf_tc_attach(&hook, &options), "bpf_tc_attach");
            return new TcFilter((ushort)options.Priority, options.Handle, program.Id);
        }
        finally
        {
            if (added) program.Handle.DangerousRelease();
        }
    }

    /// <summary>Removes one filter; false where there is none.</summary>
    public bool Detach(ushort priority, uint handle)
    {
        LibBpf.TcHookOptions hook = Hook();
        LibBpf.TcOptions options = Options(priority, handle);
        return Found(LibBpf.bpf_tc_detach(&hook, &options), "bpf_tc_detach");
    }

    /// <summary>The filter with this priority and handle, or null where there is none (or no clsact).</summary>
    public TcFilter? TryFind(ushort priority, uint handle)
    {
        LibBpf.TcHookOptions hook = Hook();
        LibBpf.TcOptions options = Options(priority, handle);
        return Found(LibBpf.bpf_tc_query(&hook, &options), "bpf_tc_query")
            ? new TcFilter((ushort)options.Priority, options.Handle, options.ProgramId)
            : null;
    }

    private static LibBpf.TcOptions Options(ushort priority, uint handle) =>
        new() { Size = (nuint)sizeof(LibBpf.TcOptions), Priority = priority, Handle = handle };

    private LibBpf.TcHookOptions Hook() =>
        new() { Size = (nuint)sizeof(LibBpf.TcHookOptions), InterfaceIndex = InterfaceIndex, AttachPoint = (int)Direction };

    // The kernel says EINVAL where there is no clsact or no chain of that priority, ENOENT where there is no such filter.
    private bool Found(int result, string call)
    {
        if (result is -Errno.ENOENT or -Errno.EINVAL) return false;
        Check(result, call);
        return true;
    }

    private void Check(int result, string call) => LibBpf.Check(
        result, call, $"{InterfaceName} tc {Direction.ToString().ToLowerInvariant()}",
        result == -Errno.ENOENT ? "the kernel lacks CONFIG_NET_SCH_INGRESS or CONFIG_NET_CLS_BPF" : null);
}
