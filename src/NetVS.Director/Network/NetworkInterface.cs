using NetVS.Packets;

namespace NetVS.Director.Network;

/// <summary>A network interface as the director sees it.</summary>
/// <param name="Index">The kernel's interface index.</param>
/// <param name="Name">The name, for messages.</param>
/// <param name="Mac">Its Ethernet address.</param>
/// <param name="IpMtu">The largest IP packet it carries, in octets.</param>
/// <param name="IsUp">Whether it is administratively up and has carrier.</param>
/// <param name="ParentIndex">For a VLAN device, the index of the device below; else 0.</param>
/// <param name="VlanId">For a VLAN device, the tag's VLAN id (1..4094); else 0.</param>
public sealed record NetworkInterface(
    int Index, string Name, MacAddress Mac, int IpMtu, bool IsUp, int ParentIndex = 0, ushort VlanId = 0)
{
    /// <summary>Whether frames on it have Ethernet headers; the director sends through no other kind of device.</summary>
    public bool IsEthernet { get; init; } = true;

    /// <summary>Whether it is the loopback device.</summary>
    public bool IsLoopback { get; init; }

    /// <summary>Whether the operator set it up, with or without carrier.</summary>
    public bool IsAdministrativelyUp { get; init; } = IsUp;
}
