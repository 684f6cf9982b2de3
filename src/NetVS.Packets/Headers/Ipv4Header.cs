using System.Runtime.InteropServices;

namespace NetVS.Packets.Headers;

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------+-------+---------------+-------------------------------+
//   |Version|  IHL  |      TOS      |          Total Length         |
//   +-------+-------+---------------+-----+-------------------------+
//   |         Identification        |Flags|     Fragment Offset     |
//   +---------------+---------------+-----+-------------------------+
//   |      TTL      |    Protocol   |        Header Checksum        |
//   +---------------+---------------+-------------------------------+
//   |                         Source Address                        |
//   +---------------------------------------------------------------+
//   |                      Destination Address                      |
//   +---------------------------------------------------------------+

/// <summary>The fixed part of an IPv4 header, RFC 791 §3.1; 20 octets, options follow.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct Ipv4Header
{
    /// <summary>Octets of the header without options.</summary>
    public const int Size = 20;

    /// <summary>The longest header with options, in octets.</summary>
    public const int MaxSize = 60;

    /// <summary>"Don't fragment" in <see cref="FlagsAndOffset"/>.</summary>
    public const ushort DontFragmentFlag = 0x4000;

    /// <summary>"More fragments" in <see cref="FlagsAndOffset"/>.</summary>
    public const ushort MoreFragmentsFlag = 0x2000;

    /// <summary>The fragment offset in <see cref="FlagsAndOffset"/>, in units of 8 octets.</summary>
    public const ushort OffsetMask = 0x1FFF;

    /// <summary>Version (4 in the high nibble) and header length in 32-bit words (low nibble).</summary>
    public byte VersionAndHeaderLength;

    /// <summary>Type of service: DSCP (6 bits, RFC 2474) and ECN (2 bits, RFC 3168).</summary>
    public byte Tos;

    /// <summary>Octets of the packet, header included.</summary>
    public U16Be TotalLength;

    /// <summary>The same for all fragments of one packet.</summary>
    public U16Be Identification;

    /// <summary>Three flags and the fragment offset in units of 8 octets.</summary>
    public U16Be FlagsAndOffset;

    /// <summary>Hops left.</summary>
    public byte Ttl;

    /// <summary>What the payload is.</summary>
    public IpProtocol Protocol;

    /// <summary>RFC 1071 checksum of the header with its options.</summary>
    public U16Be Checksum;

    /// <summary>Where the packet comes from.</summary>
    public WireIpv4Address SourceAddress;

    /// <summary>Where the packet goes to.</summary>
    public WireIpv4Address DestinationAddress;

    /// <summary>The version number; 4 in a good packet.</summary>
    public readonly int Version => VersionAndHeaderLength >> 4;

    /// <summary>Octets of the header with its options: 20 to 60 in a good packet.</summary>
    public readonly int HeaderLength => (VersionAndHeaderLength & 15) * 4;

    /// <summary>Whether the packet must not be fragmented.</summary>
    public readonly bool DontFragment => (FlagsAndOffset.Host & DontFragmentFlag) != 0;

    /// <summary>Whether further fragments follow this one.</summary>
    public readonly bool MoreFragments => (FlagsAndOffset.Host & MoreFragmentsFlag) != 0;

    /// <summary>Where this fragment's payload belongs in the whole payload, in octets.</summary>
    public readonly int FragmentOffset => (FlagsAndOffset.Host & OffsetMask) * 8;

    /// <summary>Whether the packet is a fragment, first or later.</summary>
    public readonly bool IsFragment => (FlagsAndOffset.Host & (MoreFragmentsFlag | OffsetMask)) != 0;

    /// <summary>Sets version 4 and a header length in octets (a multiple of 4, 20 to 60).</summary>
    public void SetHeaderLength(int octets) => VersionAndHeaderLength = (byte)(0x40 | (octets / 4));
}
