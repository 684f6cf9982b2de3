using System.Runtime.InteropServices;
using NetVS.Packets;

namespace NetVS.Bench.Wires;

/// <summary>struct expectation of bpf/bench.bpf.c: what a datagram must look like where it ends; addresses and ports in host order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SinkExpectation
{
    /// <summary>Octets.</summary>
    public const int Size = 28;

    private uint _source;
    private uint _sourceMask;
    private uint _target;
    private uint _outerTarget;
    private ushort _port;
    private MacOctets _destination;
    private byte _isTunnelled;

    /// <summary>A datagram of one of the generator's clients, sent to an address.</summary>
    /// <param name="destination">The MAC it must come to.</param>
    /// <param name="target">Its IP destination.</param>
    public static SinkExpectation Of(MacAddress destination, Ipv4Address target)
    {
        var expectation = new SinkExpectation { _target = target.Value, _port = BenchNetwork.DatagramPort };
        destination.Write(expectation._destination);
        return expectation.From(BenchNetwork.FirstClient, BenchNetwork.ClientPrefix);
    }

    /// <summary>The same, from an address of another network.</summary>
    public SinkExpectation From(Ipv4Address network, int prefixLength) => this with
    {
        _source = network.Value, _sourceMask = uint.MaxValue << (32 - prefixLength),
    };

    /// <summary>The same, inside an IPIP tunnel to an address.</summary>
    public SinkExpectation TunnelledTo(Ipv4Address outerTarget) => this with { _outerTarget = outerTarget.Value, _isTunnelled = 1 };
}
