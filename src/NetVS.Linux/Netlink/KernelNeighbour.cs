using NetVS.Director.Network;
using NetVS.Packets;

namespace NetVS.Linux.Netlink;

/// <summary>An entry of the kernel's neighbour table.</summary>
/// <param name="Interface">The interface's index.</param>
/// <param name="Address">The neighbour's address.</param>
/// <param name="State">NUD_*.</param>
/// <param name="Mac">Its MAC, where there is one.</param>
/// <param name="HasMac">Whether there is one.</param>
internal readonly record struct KernelNeighbour(int Interface, IpAddress Address, ushort State, MacAddress Mac, bool HasMac)
{
    private const ushort Usable = Rtnetlink.NUD_REACHABLE | Rtnetlink.NUD_STALE | Rtnetlink.NUD_DELAY | Rtnetlink.NUD_PROBE
        | Rtnetlink.NUD_PERMANENT | Rtnetlink.NUD_NOARP;

    /// <summary>What it means for sending: a MAC that was once learned is used until the kernel has given it up.</summary>
    public NextHopState NextHopState => (State & Usable) != 0 && HasMac
        ? NextHopState.Reachable
        : (State & Rtnetlink.NUD_FAILED) != 0 ? NextHopState.Failed : NextHopState.Unresolved;

    /// <summary>Whether the kernel never probes it.</summary>
    public bool IsStatic => (State & (Rtnetlink.NUD_PERMANENT | Rtnetlink.NUD_NOARP)) != 0;
}
