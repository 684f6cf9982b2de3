using NetVS.Packets;

namespace NetVS.Linux.Host;

/// <summary>A network interface as the kernel lists it.</summary>
/// <param name="Index">The interface index.</param>
/// <param name="Name">The name.</param>
/// <param name="HardwareType">ARPHRD_* (linux/if_arp.h): 1 is Ethernet, 772 loopback.</param>
/// <param name="IsUp">Whether it is administratively up.</param>
/// <param name="Mac">The hardware address of an Ethernet interface, else zero.</param>
public sealed record HostLink(int Index, string Name, ushort HardwareType, bool IsUp, MacAddress Mac)
{
    private const ushort ARPHRD_ETHER = 1, ARPHRD_LOOPBACK = 772;

    /// <summary>Whether frames carry an Ethernet header.</summary>
    public bool IsEthernet => HardwareType == ARPHRD_ETHER;

    /// <summary>Whether this is a loopback interface.</summary>
    public bool IsLoopback => HardwareType == ARPHRD_LOOPBACK;
}
