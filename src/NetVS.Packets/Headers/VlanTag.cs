using System.Runtime.InteropServices;

namespace NetVS.Packets.Headers;

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-----+-+-----------------------+-------------------------------+
//   | PCP |D|        VLAN id        |           EtherType           |
//   +-----+-+-----------------------+-------------------------------+

/// <summary>
/// What follows the EtherType 0x8100 or 0x88A8: tag control information and the next EtherType, IEEE 802.1Q §9.6.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct VlanTag
{
    /// <summary>Octets by which a tag lengthens a frame.</summary>
    public const int Size = 4;

    /// <summary>Mask of the VLAN id in <see cref="ControlInformation"/>.</summary>
    public const ushort IdMask = 0x0FFF;

    /// <summary>Priority (3 bits), drop eligible (1 bit), VLAN id (12 bits).</summary>
    public U16Be ControlInformation;

    /// <summary>What follows the tag.</summary>
    public U16Be EtherType;

    /// <summary>The VLAN id; 0 is a priority tag, which means "untagged".</summary>
    public readonly ushort Id => (ushort)(ControlInformation.Host & IdMask);

    /// <summary>The priority code point, 0..7.</summary>
    public readonly int Priority => ControlInformation.Host >> 13;
}
