using NetVS.Linux.Bpf;

namespace NetVS.Linux.Divert;

/// <summary>A program at tc ingress or egress of an interface, by the best means the kernel has.</summary>
/// <remarks>
/// tcx (Linux 6.6) attaches through a BPF link: a killed process detaches by itself. Older kernels have filters on clsact, which stay: they
/// are known by our preference and handle, and by the program's name, and whoever holds the interface's lock replaces them.
/// The clsact qdisc itself is left: it does nothing by itself and others may use it by now.
/// </remarks>
internal sealed unsafe class TcAttachment : IDisposable
{
    private const int BPF_TCX_INGRESS = 46, BPF_TCX_EGRESS = 47;

    // Runs before filters that leave their preference to the kernel (49152 and below); the handle spells "nvs".
    private const ushort OwnPreference = 0x6E76;
    private const uint FilterHandle = 0x6E7673;

    private readonly BpfLink? _link;
    private readonly TcHook? _hook;
    private readonly ushort _preference;
    private readonly PinFolder? _pins;
    private readonly string _pin;

    private TcAttachment(BpfLink? link, TcHook? hook, ushort preference, PinFolder? pins, string pin)
    {
        _link = link;
        _hook = hook;
        _preference = preference;
        _pins = pins;
        _pin = pin;
    }

    /// <summary>"tcx" or "tc clsact".</summary>
    public string Hook => _link is null ? "tc clsact" : "tcx";

    /// <summary>Attaches; the caller holds the interface's lock.</summary>
    /// <param name="program">The program.</param>
    /// <param name="interfaceIndex">The device.</param>
    /// <param name="interfaceName">Its name, for messages.</param>
    /// <param name="direction">The side.</param>
    /// <param name="allowTcx">False to use clsact even where the kernel has tcx.</param>
    /// <param name="pins">Where a tcx link is pinned, so that it outlives the process; null for one that does not.</param>
    /// <param name="preference">Its place among clsact's filters: another for each program of an interface and side.</param>
    public static TcAttachment Attach(
        BpfProgram program, int interfaceIndex, string interfaceName, TcDirection direction, bool allowTcx = true, PinFolder? pins = null, ushort preference = OwnPreference)
    {
        var hook = new TcHook(interfaceIndex, interfaceName, direction);
        bool isLeftover = FindLeftover(hook, program, preference);
        if (allowTcx && TryAttachTcx(program, interfaceIndex, interfaceName, direction, pins) is { } link)
        {
            if (isLeftover) hook.Detach(preference, FilterHandle);
            return new TcAttachment(link, null, preference, pins, PinName(interfaceName, direction));
        }

        if (!isLeftover) hook.CreateQdisc();
        hook.Attach(program, preference, FilterHandle, replace: isLeftover);
        return new TcAttachment(null, hook, preference, null, "");
    }

    /// <summary>The name the link is pinned by; empty where it is not.</summary>
    public string Pin => _pins is null ? "" : _pin;

    /// <summary>Lets go of a program that is pinned, or that clsact keeps, and leaves it at work.</summary>
    public void Leave() => _link?.Dispose();

    /// <summary>Detaches; an interface that is gone took the program with it.</summary>
    public void Dispose()
    {
        _pins?.Remove(_pin);
        _link?.Dispose();
        try
        {
            _hook?.Detach(_preference, FilterHandle);
        }
        catch (KernelCallException gone) when (gone.Errno == Errno.ENODEV)
        {
        }
    }

    private static string PinName(string interfaceName, TcDirection direction) =>
        PinFolder.NameOfLink($"tcx_{direction.ToString().ToLowerInvariant()}", interfaceName);

    private static bool FindLeftover(TcHook hook, BpfProgram program, ushort preference)
    {
        if (hook.TryFind(preference, FilterHandle) is not { } found) return false;
        using BpfProgram? other = BpfProgram.TryFromId(found.ProgramId);
        if (other is not null && other.KernelName != program.KernelName)
        {
            throw new KernelCallException(
                "bpf_tc_attach", Errno.EEXIST, hook.InterfaceName,
                $"a filter that is not ours ({other.KernelName}) has our place: see 'tc filter show dev {hook.InterfaceName} {hook.Direction.ToString().ToLowerInvariant()}'");
        }

        return true;
    }

    private static BpfLink? TryAttachTcx(
        BpfProgram program, int interfaceIndex, string interfaceName, TcDirection direction, PinFolder? pins)
    {
        BpfLink? Create() => TryCreateTcx(program, interfaceIndex, interfaceName, direction);
        return pins is null ? Create() : pins.Attach(PinName(interfaceName, direction), interfaceIndex, program, Create);
    }

    private static BpfLink? TryCreateTcx(BpfProgram program, int interfaceIndex, string interfaceName, TcDirection direction)
    {
        var options = new LibBpf.LinkCreateOptions { Size = (nuint)sizeof(LibBpf.LinkCreateOptions) };
        int type = direction == TcDirection.Ingress ? BPF_TCX_INGRESS : BPF_TCX_EGRESS;
        int fd = LibBpf.bpf_link_create(program.Handle, interfaceIndex, type, &options);
        if (fd >= 0) return new BpfLink(new Microsoft.Win32.SafeHandles.SafeFileHandle(fd, ownsHandle: true), $"{interfaceName} tcx");

        // EINVAL is all a kernel before 6.6 says about a kind of attachment it does not know.
        if (-fd is Errno.EINVAL or Errno.EOPNOTSUPP) return null;
        throw new KernelCallException("bpf_link_create tcx", -fd, interfaceName, LibBpf.Hint(-fd));
    }
}
