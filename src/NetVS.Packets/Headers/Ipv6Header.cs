using System.Runtime.InteropServices;

namespace NetVS.Packets.Headers;

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------+---------------+---------------------------------------+
//   |Version| Traffic Class |              Flow Label               |
//   +-------+---------------+-------+---------------+---------------+
//   |         Payload Length        |  Next Header  |   Hop Limit   |
//   +-------------------------------+---------------+---------------+
//   |                   Source Address (16 octets)                  |
//   +---------------------------------------------------------------+
//   |                Destination Address (16 octets)                |
//   +---------------------------------------------------------------+

/// <summary>The fixed IPv6 header, RFC 8200 §3; 40 octets, extension headers follow.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct Ipv6Header
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 40;

    /// <summary>Version (4 bits), traffic class (8 bits), flow label (20 bits).</summary>
    public U32Be VersionClassFlow;

    /// <summary>Octets that follow this header, extension headers included.</summary>
    public U16Be PayloadLength;

    /// <summary>What follows: an extension header or the upper layer.</summary>
    public IpProtocol NextHeader;

    /// <summary>Hops left.</summary>
    public byte HopLimit;

    /// <summary>Where the packet comes from.</summary>
    public WireIpv6Address SourceAddress;

    /// <summary>Where the packet goes to.</summary>
    public WireIpv6Address DestinationAddress;

    /// <summary>The version number; 6 in a good packet.</summary>
    public readonly int Version => (int)(VersionClassFlow.Host >> 28);

    /// <summary>DSCP (6 bits) and ECN (2 bits), as IPv4's TOS.</summary>
    public readonly byte TrafficClass => (byte)((VersionClassFlow.Host >> 20) & 0xFF);

    /// <summary>The flow label, 20 bits.</summary>
    public readonly uint FlowLabel => VersionClassFlow.Host & 0xF_FFFF;

    /// <summary>Sets version 6, the traffic class and the flow label (20 bits).</summary>
    public void SetClassAndFlow(byte trafficClass, uint flowLabel) =>
        VersionClassFlow.Host = 0x6000_0000 | ((uint)trafficClass << 20) | (flowLabel & 0xF_FFFF);
}
