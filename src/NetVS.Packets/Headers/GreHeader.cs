using System.Runtime.InteropServices;

namespace NetVS.Packets.Headers;

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-------------------------+---+-------------------------------+
//   |C|        Reserved0        |Ver|         Protocol Type         |
//   +-+-------------------------+---+-------------------------------+
//   |      Checksum (if C)          |       Reserved1 (if C)        |
//   +-------------------------------+-------------------------------+

/// <summary>The fixed part of a GRE header, RFC 2784 §2; 4 octets, 4 more when the checksum is present.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct GreHeader
{
    /// <summary>Octets without the checksum.</summary>
    public const int Size = 4;

    /// <summary>Octets with the checksum and its reserved half.</summary>
    public const int SizeWithChecksum = 8;

    /// <summary>"Checksum present" in <see cref="FlagsAndVersion"/>.</summary>
    public const ushort ChecksumFlag = 0x8000;

    /// <summary>Flags and version.</summary>
    public U16Be FlagsAndVersion;

    /// <summary>An <see cref="EtherType"/>: 0x0800 or 0x86DD.</summary>
    public U16Be ProtocolType;

    /// <summary>Whether a checksum follows.</summary>
    public readonly bool HasChecksum => (FlagsAndVersion.Host & ChecksumFlag) != 0;
}
