using System.Runtime.InteropServices;

namespace NetVS.Bench.Wires;

/// <summary>struct pace of bpf/bench.bpf.c, in datagrams.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GeneratorPace
{
    /// <summary>Octets.</summary>
    public const int Size = 32;

    /// <summary>How many may be sent.</summary>
    public ulong Limit;

    /// <summary>How many were.</summary>
    public ulong Sent;

    /// <summary>How many had arrived when the generator last looked.</summary>
    public ulong Seen;

    /// <summary>How many are not waited for any more.</summary>
    public ulong Lost;
}
