using System.Runtime.InteropServices;

namespace NetVS.Linux.Tap;

#pragma warning disable CS1591 // the names are the header's: linux/if_tun.h, linux/if.h, linux/sockios.h

/// <summary>Constants of linux/if_tun.h, in its spelling.</summary>
internal static class TapAbi
{
    public const short IFF_TAP = 0x0002;
    public const short IFF_NO_PI = 0x1000;
    public const short IFF_VNET_HDR = 0x4000;
    public const short IFF_MULTI_QUEUE = 0x0100;
    public const short IFF_UP = 1;
    public const short IFF_NOARP = 0x80;
    public const nuint TUNSETIFF = 0x400454CA;
    public const nuint TUNSETOFFLOAD = 0x400454D0;
    public const uint TUN_F_CSUM = 1, TUN_F_TSO4 = 2, TUN_F_TSO6 = 4, TUN_F_TSO_ECN = 8;
    public const uint TUN_F_USO4 = 0x20, TUN_F_USO6 = 0x40;
    public const nuint SIOCGIFFLAGS = 0x8913, SIOCSIFFLAGS = 0x8914, SIOCGIFHWADDR = 0x8927, SIOCGIFINDEX = 0x8933, SIOCSIFMTU = 0x8922;
}

/// <summary>struct ifreq with a short or an int, or the first octets of a sockaddr, in its union.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ifreq_flags
{
    public fixed byte ifr_name[16];
    public fixed byte ifr_data[24];
}
