using System.Runtime.InteropServices;

namespace NetVS.Packets.Headers;

//   +---------------+---------------+-------------------------------+
//   |  Chunk Type   |  Chunk Flags  |         Chunk Length          |
//   +---------------+---------------+-------------------------------+

/// <summary>The beginning of every SCTP chunk, RFC 9260 §3.2; 4 octets.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct SctpChunkHeader
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 4;

    /// <summary>What the chunk is.</summary>
    public SctpChunkType Type;

    /// <summary>Flags of the type's own.</summary>
    public byte Flags;

    /// <summary>Octets of the chunk with this header, without padding to a multiple of four.</summary>
    public U16Be Length;
}
