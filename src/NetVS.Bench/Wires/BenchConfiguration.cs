using System.Runtime.InteropServices;
using NetVS.Packets;

namespace NetVS.Bench.Wires;

/// <summary>struct configuration of bpf/bench.bpf.c; addresses and ports in host order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BenchConfiguration
{
    /// <summary>Octets.</summary>
    public const int Size = 32;

    /// <summary>The interface to send by.</summary>
    public int Output;

    /// <summary>How many flows the generator goes through.</summary>
    public int Flows;

    /// <summary>The first client's address.</summary>
    public uint Client;

    /// <summary>Where datagrams go.</summary>
    public uint Service;

    /// <summary>And to which port.</summary>
    public ushort Port;

    private MacOctets _source;
    private MacOctets _destination;
    private ushort _padding;

    /// <summary>Sets the MACs of the frames sent.</summary>
    public void SetMacs(MacAddress source, MacAddress destination)
    {
        source.Write(_source);
        destination.Write(_destination);
        _padding = 0;
    }
}
