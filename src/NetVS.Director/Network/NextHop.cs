using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>Everything a worker needs to write an Ethernet header: one consistent reading of a next hop.</summary>
public struct NextHop
{
    /// <summary>Whether frames can be sent now.</summary>
    public NextHopState State;

    /// <summary>The device frames leave by: for a route over a VLAN device, the device below it.</summary>
    public int TransmitInterface;

    /// <summary>The VLAN id to tag frames with; 0 for none.</summary>
    public ushort VlanId;

    /// <summary>The source MAC: the logical interface's.</summary>
    public MacAddress Source;

    /// <summary>The destination MAC, when Reachable.</summary>
    public MacAddress Destination;
}
