using System.Buffers.Binary;
using System.Runtime.InteropServices;
using NetVS.Linux.Divert;

namespace NetVS.Linux.Checks;

#pragma warning disable CS1591 // the names are those of bpf/check.h

/// <summary>Constants of bpf/check.h, in its spelling.</summary>
internal static class CheckAbi
{
    public const int CHECK_PATHS = 16384;
    public const uint CHECK_MARK = 0x4e560000;
}

/// <summary>struct check_path; the port is in network order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct check_path
{
    public address_key @virtual;
    public address_key real;
    public uint kind;
    public ushort port;
    public ushort reserved;

    public static check_path Of(in CheckPath path) => new()
    {
        @virtual = address_key.Of(path.Virtual),
        real = address_key.Of(path.Real),
        kind = (uint)path.Wrapping,
        port = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(path.Port) : path.Port,
    };
}
