using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>How frames leave by a logical interface; immutable, replaced as a whole when the interface changes.</summary>
/// <param name="TransmitInterface">The device frames are sent on: for a VLAN device, the device below.</param>
/// <param name="VlanId">The tag, or 0.</param>
/// <param name="Source">The logical interface's MAC.</param>
/// <param name="CanSend">Whether the interface, and the one below, is there, up, and Ethernet.</param>
internal sealed record NextHopEgress(int TransmitInterface, ushort VlanId, MacAddress Source, bool CanSend)
{
    /// <summary>Of an interface that is not there.</summary>
    public static NextHopEgress Absent { get; } = new(0, 0, default, false);

    /// <summary>How frames leave by an interface among these.</summary>
    public static NextHopEgress Of(NetworkInterface logical, IReadOnlyDictionary<int, NetworkInterface> all)
    {
        bool canSend = logical.IsUp && logical.IsEthernet && !logical.IsLoopback;
        if (logical.VlanId == 0) return new NextHopEgress(logical.Index, 0, logical.Mac, canSend);

        // A VLAN device on a VLAN device needs two tags, which no frame of ours carries.
        bool isParentFit = all.TryGetValue(logical.ParentIndex, out NetworkInterface? parent)
            && parent.IsUp && parent.IsEthernet && parent.VlanId == 0;
        return new NextHopEgress(logical.ParentIndex, logical.VlanId, logical.Mac, canSend && isParentFit);
    }
}
