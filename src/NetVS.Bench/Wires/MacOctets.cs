using System.Runtime.CompilerServices;
using NetVS.Packets;

namespace NetVS.Bench.Wires;

/// <summary>A MAC as the programs' structs have it.</summary>
[InlineArray(MacAddress.Size)]
internal struct MacOctets
{
    private byte _first;
}
