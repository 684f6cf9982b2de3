using System.Runtime.InteropServices;

namespace NetVS.Packets.Headers;

//   +-----------------------+-----------------------+
//   | hardware type (2)     | protocol type (2)     |
//   +-----------+-----------+-----------------------+
//   | hlen (1)  | plen (1)  | operation (2)         |
//   +-----------+-----------+-----------------------+
//   | sender MAC (6)  | sender IPv4 (4)             |
//   +-----------------+-----------------------------+
//   | target MAC (6)  | target IPv4 (4)             |
//   +-----------------+-----------------------------+

/// <summary>An ARP packet for IPv4 over Ethernet, RFC 826; 28 octets after the Ethernet header.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct ArpPacket
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 28;

    /// <summary>Operation: who has this address?</summary>
    public const ushort Request = 1;

    /// <summary>Operation: I have it.</summary>
    public const ushort Reply = 2;

    /// <summary>1 for Ethernet.</summary>
    public U16Be HardwareType;

    /// <summary>0x0800 for IPv4.</summary>
    public U16Be ProtocolType;

    /// <summary>Octets of a hardware address: 6.</summary>
    public byte HardwareLength;

    /// <summary>Octets of a protocol address: 4.</summary>
    public byte ProtocolLength;

    /// <summary><see cref="Request"/> or <see cref="Reply"/>.</summary>
    public U16Be Operation;

    /// <summary>The sender's Ethernet address.</summary>
    public WireMacAddress SenderMac;

    /// <summary>The sender's IPv4 address.</summary>
    public WireIpv4Address SenderAddress;

    /// <summary>The Ethernet address asked for; unset in a request.</summary>
    public WireMacAddress TargetMac;

    /// <summary>The IPv4 address asked about.</summary>
    public WireIpv4Address TargetAddress;

    /// <summary>Reads an ARP packet of IPv4 over Ethernet; other hardware or protocols are refused.</summary>
    /// <param name="octets">What follows the Ethernet header; padding behind the packet is allowed.</param>
    /// <param name="packet">A copy of the packet.</param>
    public static bool TryParse(ReadOnlySpan<byte> octets, out ArpPacket packet)
    {
        packet = default;
        if (octets.Length < Size) return false;
        packet = MemoryMarshal.AsRef<ArpPacket>(octets);
        return packet.HardwareType.Host == 1 && packet.ProtocolType.Host == EtherType.Ipv4
            && packet.HardwareLength == MacAddress.Size && packet.ProtocolLength == Ipv4Address.Size;
    }
}
