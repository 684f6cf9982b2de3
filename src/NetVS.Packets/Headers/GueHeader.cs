using System.Runtime.InteropServices;

namespace NetVS.Packets.Headers;

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---+-+---------+---------------+-------------------------------+
//   |Ver|C|  Hlen   | Proto / ctype |             Flags             |
//   +---+-+---------+---------------+-------------------------------+
//   |                   Fields (Hlen 32-bit words)                  |
//   +---------------------------------------------------------------+

/// <summary>The fixed part of a GUE header (draft-ietf-intarea-gue §3.2), inside UDP; 4 octets.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct GueHeader
{
    /// <summary>Octets without optional fields.</summary>
    public const int Size = 4;

    /// <summary>Octets of the private flags and the remote-checksum-offload field.</summary>
    public const int RemoteChecksumSize = 8;

    /// <summary>In <see cref="Flags"/>: a word of private flags follows.</summary>
    public const ushort PrivateFlag = 0x0001;

    /// <summary>In the private flags: remote checksum offload (two 16-bit offsets follow).</summary>
    public const uint RemoteChecksumFlag = 0x8000_0000;

    /// <summary>Version (2 bits), control flag (1 bit), length of the optional fields in 32-bit words (5 bits).</summary>
    public byte VersionAndLength;

    /// <summary>The protocol inside: 4 or 41; a control type when the control flag is set.</summary>
    public IpProtocol Protocol;

    /// <summary>Which optional fields follow.</summary>
    public U16Be Flags;

    /// <summary>The version; 0 for what is described here.</summary>
    public readonly int Version => VersionAndLength >> 6;

    /// <summary>Whether it is a control message, not data.</summary>
    public readonly bool IsControl => (VersionAndLength & 0x20) != 0;

    /// <summary>Octets of header and optional fields.</summary>
    public readonly int HeaderLength => Size + ((VersionAndLength & 0x1F) * 4);
}
