using System.Runtime.InteropServices;

namespace NetVS.Packets.Headers;

//   +-------------------------+-------------------------+-----------+
//   | destination (6)         | source (6)              | type (2)  |
//   +-------------------------+-------------------------+-----------+

/// <summary>Ethernet II header, IEEE 802.3 §3.1.1; 14 octets, tags and FCS not included.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct EthernetHeader
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 14;

    /// <summary>The receiver's address.</summary>
    public WireMacAddress Destination;

    /// <summary>The sender's address.</summary>
    public WireMacAddress Source;

    /// <summary>What follows: an <see cref="Headers.EtherType"/>.</summary>
    public U16Be EtherType;
}
