using System.Runtime.InteropServices;

namespace NetVS.Packets.Headers;

//   +-------------------------------+-------------------------------+
//   |          Source Port          |       Destination Port        |
//   +-------------------------------+-------------------------------+
//   |                       Verification Tag                        |
//   +---------------------------------------------------------------+
//   |                      Checksum (CRC32c)                        |
//   +---------------------------------------------------------------+

/// <summary>SCTP common header, RFC 9260 §3.1; 12 octets, chunks follow.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct SctpHeader
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 12;

    /// <summary>Where the checksum stands, in octets from the header's beginning.</summary>
    public const int ChecksumOffset = 8;

    /// <summary>The sender's port.</summary>
    public U16Be SourcePort;

    /// <summary>The receiver's port.</summary>
    public U16Be DestinationPort;

    /// <summary>The association's tag; 0 in a packet with INIT.</summary>
    public U32Be VerificationTag;

    /// <summary>CRC32c of the packet with this field zero; see <see cref="Checksums.SctpChecksum"/> for its byte order.</summary>
    public U32Be Checksum;
}
