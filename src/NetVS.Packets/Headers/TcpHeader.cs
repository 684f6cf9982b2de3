using System.Runtime.InteropServices;

namespace NetVS.Packets.Headers;

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------------------------------+-------------------------------+
//   |          Source Port          |       Destination Port        |
//   +-------------------------------+-------------------------------+
//   |                        Sequence Number                        |
//   +---------------------------------------------------------------+
//   |                     Acknowledgment Number                     |
//   +-------+-------+---------------+-------------------------------+
//   |  DOff | Rsrvd |C E U A P R S F|            Window             |
//   +-------+-------+---------------+-------------------------------+
//   |            Checksum           |         Urgent Pointer        |
//   +-------------------------------+-------------------------------+

/// <summary>The fixed part of a TCP header, RFC 9293 §3.1; 20 octets, options follow.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct TcpHeader
{
    /// <summary>Octets of the header without options.</summary>
    public const int Size = 20;

    /// <summary>The longest header with options, in octets.</summary>
    public const int MaxSize = 60;

    /// <summary>Where the checksum stands, in octets from the header's beginning.</summary>
    public const int ChecksumOffset = 16;

    /// <summary>The sender's port.</summary>
    public U16Be SourcePort;

    /// <summary>The receiver's port.</summary>
    public U16Be DestinationPort;

    /// <summary>The number of the first payload octet; of the SYN itself in a SYN.</summary>
    public U32Be Sequence;

    /// <summary>The next sequence number expected, when ACK is set.</summary>
    public U32Be Acknowledgment;

    /// <summary>Header length in 32-bit words (high nibble) and reserved bits.</summary>
    public byte DataOffsetAndReserved;

    /// <summary>The control bits.</summary>
    public TcpFlags Flags;

    /// <summary>The receive window, unscaled.</summary>
    public U16Be Window;

    /// <summary>Checksum over pseudo-header, header and payload.</summary>
    public U16Be Checksum;

    /// <summary>The urgent pointer, when URG is set.</summary>
    public U16Be UrgentPointer;

    /// <summary>Octets of the header with its options: 20 to 60 in a good segment.</summary>
    public readonly int HeaderLength => (DataOffsetAndReserved >> 4) * 4;

    /// <summary>Sets the header length in octets (a multiple of 4, 20 to 60); the reserved bits stay.</summary>
    public void SetHeaderLength(int octets) =>
        DataOffsetAndReserved = (byte)((octets / 4 << 4) | (DataOffsetAndReserved & 15));
}
