using NetVS.Director.Network;
using NetVS.Memory;
using NetVS.Packets;

namespace NetVS.Director.Offload;

/// <summary>Keeps the fast path's next hops the same as the next-hop table's, by the same ids.</summary>
/// <remarks>
/// A hop whose MAC is not known, or whose interface cannot send, has interface 0: its packets go to the director, which asks for the MAC or
/// refuses them. Threads: whoever changes the next-hop table, under its lock; a lock of its own keeps
/// <see cref="SetXdpInterfaces"/> apart.
/// </remarks>
internal sealed class HopMirror(NativeArray<FlowHop> hops) : INextHopMirror
{
    private readonly Lock _lock = new();
    private HashSet<int> _xdpInterfaces = [];

    /// <summary>Ids from 1 to below this can be used by flows.</summary>
    public int Length => hops.Length;

    /// <summary>Says which devices send frames that XDP redirects to them.</summary>
    public void SetXdpInterfaces(IEnumerable<int> indices)
    {
        lock (_lock)
        {
            _xdpInterfaces = [.. indices];
            for (int id = 1; id < hops.Length; id++)
            {
                ref FlowHop hop = ref hops[id];
                if (hop.InterfaceIndex == 0 || hop.Flags == FlagsOf(hop.InterfaceIndex)) continue;
                Begin(ref hop);
                hop.Flags = FlagsOf(hop.InterfaceIndex);
                End(ref hop);
            }
        }
    }

    /// <inheritdoc/>
    public void Write(int id, in NextHop hop)
    {
        if (id >= hops.Length) return;
        bool isUsable = hop.State == NextHopState.Reachable;
        lock (_lock)
        {
            ref FlowHop copy = ref hops[id];
            Begin(ref copy);
            copy.InterfaceIndex = isUsable ? (uint)hop.TransmitInterface : 0;
            Span<byte> macs = copy.Macs;
            hop.Destination.Write(macs);
            hop.Source.Write(macs[MacAddress.Size..]);
            copy.Vlan = hop.VlanId;
            copy.Flags = FlagsOf(copy.InterfaceIndex);
            End(ref copy);
        }
    }

    /// <inheritdoc/>
    public MonotonicTime LastUsed(int id, MonotonicTime reference)
    {
        if (id >= hops.Length) return MonotonicTime.Zero;
        uint used = Volatile.Read(ref hops[id].Used);

        // The end of the tick, which may lie a little after the reference.
        MonotonicTime horizon = reference + TimeSpan.FromDays(1);
        return used == 0 ? MonotonicTime.Zero : FlowTick.EndOf(used, horizon);
    }

    private ushort FlagsOf(uint interfaceIndex) => _xdpInterfaces.Contains((int)interfaceIndex) ? FlowAbi.HopXdp : (ushort)0;

    // A full fence: no store may come before the version is odd. Partner: the program's loads of the version around all others. A
    // director that was killed in the middle leaves an odd one.
    private static void Begin(ref FlowHop hop) => Interlocked.Exchange(ref hop.Version, hop.Version | 1);

    private static void End(ref FlowHop hop) => Volatile.Write(ref hop.Version, unchecked(hop.Version + 1));
}
