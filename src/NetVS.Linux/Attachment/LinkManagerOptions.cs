using NetVS.Linux.Bpf;
using NetVS.Linux.Flows;
using NetVS.Linux.Native;
using NetVS.Links;

namespace NetVS.Linux.Attachment;

/// <summary>On which interfaces, and how, a director listens.</summary>
public sealed record LinkManagerOptions
{
    /// <summary>The names asked for; empty for every Ethernet interface that is up. A VLAN device stands for the one below it.</summary>
    public IReadOnlyList<string> Interfaces { get; init; } = [];

    /// <summary>The kind of link.</summary>
    public LinkChoice Link { get; init; } = LinkChoice.Auto;

    /// <summary>The hook.</summary>
    public HookChoice Hook { get; init; } = HookChoice.Auto;

    /// <summary>Chunks of 4 KiB of packet memory per worker, for AF_XDP.</summary>
    public int ChunksPerWorker { get; init; } = 16384;

    /// <summary>Whether tcx may be used where the kernel has it; false uses clsact everywhere.</summary>
    public bool AllowTcx { get; init; } = true;

    /// <summary>Where the programs' attachments are pinned, so that they outlive the process; null for attachments that do not.</summary>
    public PinFolder? Pins { get; init; }

    /// <summary>The flow table of the fast path; null for none.</summary>
    public FlowMaps? Flows { get; init; }

    /// <summary>Says what kind of device an interface is; tests have it say something else.</summary>
    internal Func<string, InterfaceProbe> Probe { get; init; } = InterfaceProbe.Read;

    /// <summary>Why these do not go together, or null.</summary>
    public string? FindContradiction() => (Link, Hook) switch
    {
        (LinkChoice.AfXdp, HookChoice.Tc or HookChoice.None) => "AF_XDP needs an XDP hook: --hook xdp, xdp-generic or auto",
        (LinkChoice.AfPacket, HookChoice.Xdp or HookChoice.XdpGeneric) => "AF_PACKET goes with --hook tc, none or auto",
        _ => null,
    };
}
