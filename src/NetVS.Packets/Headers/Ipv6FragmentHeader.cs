using System.Runtime.InteropServices;

namespace NetVS.Packets.Headers;

//   +---------------+---------------+-------------------------+---+-+
//   |  Next Header  |   Reserved    |      Fragment Offset    |Res|M|
//   +---------------+---------------+-------------------------+---+-+
//   |                         Identification                        |
//   +---------------------------------------------------------------+

/// <summary>IPv6 fragment header, RFC 8200 §4.5; 8 octets.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct Ipv6FragmentHeader
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 8;

    /// <summary>What the fragmentable part begins with.</summary>
    public IpProtocol NextHeader;

    /// <summary>Reserved.</summary>
    public byte Reserved;

    /// <summary>The offset in octets (its low three bits are no offset) and the M flag (bit 0).</summary>
    public U16Be OffsetAndFlags;

    /// <summary>The same for all fragments of one packet.</summary>
    public U32Be Identification;

    /// <summary>Where this fragment belongs in the fragmentable part, in octets.</summary>
    public readonly int FragmentOffset => OffsetAndFlags.Host & 0xFFF8;

    /// <summary>Whether further fragments follow this one.</summary>
    public readonly bool MoreFragments => (OffsetAndFlags.Host & 1) != 0;
}
