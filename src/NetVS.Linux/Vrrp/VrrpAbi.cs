using System.Runtime.InteropServices;

namespace NetVS.Linux.Vrrp;

#pragma warning disable CS1591 // the names are the documentation: ip(7), ipv6(7), packet(7)

/// <summary>Constants and structs of netinet/in.h, linux/in.h, linux/in6.h and linux/if_packet.h, under their own names.</summary>
internal static class VrrpAbi
{
    public const int AF_INET = 2, AF_INET6 = 10;
    public const int IPPROTO_IP = 0, IPPROTO_IPV6 = 41, IPPROTO_AH = 51, IPPROTO_VRRP = 112, IPPROTO_RAW = 255;
    public const int SO_BINDTODEVICE = 25;
    public const int IP_ADD_MEMBERSHIP = 35, IP_MULTICAST_ALL = 49;
    public const int IPV6_JOIN_GROUP = 20, IPV6_MULTICAST_ALL = 29, IPV6_RECVPKTINFO = 49, IPV6_PKTINFO = 50, IPV6_RECVHOPLIMIT = 51, IPV6_HOPLIMIT = 52;

    /// <summary>struct ip_mreqn.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ip_mreqn
    {
        public uint imr_multiaddr;
        public uint imr_address;
        public int imr_ifindex;
    }

    /// <summary>struct ipv6_mreq.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public unsafe struct ipv6_mreq
    {
        public fixed byte ipv6mr_multiaddr[16];
        public int ipv6mr_interface;
    }

    /// <summary>struct sockaddr_in.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public unsafe struct sockaddr_in
    {
        public ushort sin_family;
        public ushort sin_port;
        public fixed byte sin_addr[4];
        public ulong sin_zero;
    }

    /// <summary>struct sockaddr_in6.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public unsafe struct sockaddr_in6
    {
        public ushort sin6_family;
        public ushort sin6_port;
        public uint sin6_flowinfo;
        public fixed byte sin6_addr[16];
        public uint sin6_scope_id;
    }

    /// <summary>struct cmsghdr; the data follow, and the next header begins at a multiple of 8.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct cmsghdr
    {
        public nuint cmsg_len;
        public int cmsg_level;
        public int cmsg_type;
    }
}
