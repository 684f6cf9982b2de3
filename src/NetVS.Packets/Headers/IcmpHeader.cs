using System.Runtime.InteropServices;

namespace NetVS.Packets.Headers;

//   +---------------+---------------+-------------------------------+
//   |     Type      |     Code      |           Checksum            |
//   +---------------+---------------+-------------------------------+
//   |                Depends on type (MTU, id, sequence)            |
//   +---------------------------------------------------------------+

/// <summary>The first eight octets of an ICMP (RFC 792) or ICMPv6 (RFC 4443) message; an error's quote follows.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct IcmpHeader
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 8;

    /// <summary>Where the checksum stands, in octets from the header's beginning.</summary>
    public const int ChecksumOffset = 2;

    /// <summary>An <see cref="Icmpv4Type"/> or <see cref="Icmpv6Type"/>.</summary>
    public byte Type;

    /// <summary>What exactly, by type.</summary>
    public byte Code;

    /// <summary>RFC 1071 checksum of the message; for ICMPv6 of the pseudo-header too.</summary>
    public U16Be Checksum;

    /// <summary>Depends on the type; see <see cref="NextHopMtu"/> and <see cref="EchoId"/>.</summary>
    public U32Be Rest;

    /// <summary>The IP MTU of an ICMPv4 "fragmentation needed" (RFC 1191 §4): the low 16 bits of <see cref="Rest"/>.</summary>
    public readonly ushort NextHopMtu => (ushort)(Rest.Host & 0xFFFF);

    /// <summary>The identifier of an echo: the high 16 bits of <see cref="Rest"/>.</summary>
    public readonly ushort EchoId => (ushort)(Rest.Host >> 16);
}
