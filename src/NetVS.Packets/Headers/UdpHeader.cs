using System.Runtime.InteropServices;

namespace NetVS.Packets.Headers;

//   +-------------------------------+-------------------------------+
//   |          Source Port          |       Destination Port        |
//   +-------------------------------+-------------------------------+
//   |            Length             |           Checksum            |
//   +-------------------------------+-------------------------------+

/// <summary>UDP header, RFC 768; 8 octets.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct UdpHeader
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 8;

    /// <summary>Where the checksum stands, in octets from the header's beginning.</summary>
    public const int ChecksumOffset = 6;

    /// <summary>The sender's port.</summary>
    public U16Be SourcePort;

    /// <summary>The receiver's port.</summary>
    public U16Be DestinationPort;

    /// <summary>Octets of header and payload.</summary>
    public U16Be Length;

    /// <summary>Checksum over pseudo-header, header and payload; 0 over IPv4 means "none".</summary>
    public U16Be Checksum;
}
