// RFC 5227 §3 and RFC 826 for IPv4; RFC 4861 §4.4 and §7.2.6 for IPv6; as keepalived sends them.
using System.Buffers.Binary;
using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;

namespace NetVS.Vrrp.Wire;

/// <summary>Writes the frames by which a master tells its network where an address is.</summary>
public static class AddressAnnouncement
{
    /// <summary>Octets of the longest frame, Ethernet header included.</summary>
    public const int MostOctets = EthernetHeader.Size + Ipv6Header.Size + NeighbourOctets;

    // ICMPv6 header 4, flags 4, target 16, option target link-layer address 8.
    private const int NeighbourOctets = 32;

    /// <summary>Writes a frame: gratuitous ARP (a request) for IPv4, an unsolicited neighbour advertisement to all nodes for IPv6.</summary>
    /// <param name="frame">At least <see cref="MostOctets"/>.</param>
    /// <param name="address">The address.</param>
    /// <param name="mac">Where it is.</param>
    /// <param name="isRouter">IPv6: whether this host forwards.</param>
    /// <returns>Octets written.</returns>
    public static int Write(Span<byte> frame, IpAddress address, MacAddress mac, bool isRouter) =>
        address.Family == IpFamily.V6 ? WriteNeighbour(frame, address.V6, mac, isRouter) : WriteArp(frame, address.V4, mac);

    private static int WriteArp(Span<byte> frame, Ipv4Address address, MacAddress mac)
    {
        WriteEthernet(frame, MacAddress.Broadcast, mac, EtherType.Arp);
        ref ArpPacket arp = ref WireView.At<ArpPacket>(frame, EthernetHeader.Size);
        arp.HardwareType.Host = 1;
        arp.ProtocolType.Host = EtherType.Ipv4;
        arp.HardwareLength = MacAddress.Size;
        arp.ProtocolLength = Ipv4Address.Size;
        arp.Operation.Host = ArpPacket.Request;
        arp.SenderMac.Host = mac;
        arp.SenderAddress.Host = address;
        arp.TargetMac.Host = MacAddress.Broadcast;
        arp.TargetAddress.Host = address;
        return EthernetHeader.Size + ArpPacket.Size;
    }

    private static int WriteNeighbour(Span<byte> frame, Ipv6Address address, MacAddress mac, bool isRouter)
    {
        const uint Router = 0x8000_0000, Override = 0x2000_0000;
        var allNodes = new Ipv6Address(0xFF02_0000_0000_0000, 1);
        WriteEthernet(frame, new MacAddress(0x3333_0000_0001), mac, EtherType.Ipv6);
        Span<byte> packet = frame[EthernetHeader.Size..];
        BinaryPrimitives.WriteUInt32BigEndian(packet, 0x6000_0000);
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], NeighbourOctets);
        packet[6] = (byte)IpProtocol.IcmpV6;
        packet[7] = 255;
        address.Write(packet[8..]);
        allNodes.Write(packet[24..]);
        Span<byte> message = packet.Slice(Ipv6Header.Size, NeighbourOctets);
        message.Clear();
        message[0] = Icmpv6Type.NeighborAdvertisement;
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], Override | (isRouter ? Router : 0));
        address.Write(message[8..]);
        message[24] = 2;
        message[25] = 1;
        mac.Write(message[26..]);
        ushort sum = InternetChecksum.Add(PseudoHeader.Sum(address, allNodes, IpProtocol.IcmpV6, NeighbourOctets), InternetChecksum.Sum(message));
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], InternetChecksum.Finish(sum));
        return EthernetHeader.Size + Ipv6Header.Size + NeighbourOctets;
    }

    /// <summary>Writes an Ethernet header for a multicast IP packet (RFC 1112 §6.4, RFC 2464 §7).</summary>
    public static void WriteMulticastHeader(Span<byte> frame, IpAddress group, MacAddress source)
    {
        MacAddress mac = group.Family == IpFamily.V6
            ? new MacAddress(0x3333_0000_0000 | (group.V6.Low & 0xFFFF_FFFF))
            : new MacAddress(0x0100_5E00_0000 | (group.V4.Value & 0x7F_FFFFUL));
        WriteEthernet(frame, mac, source, group.Family == IpFamily.V6 ? EtherType.Ipv6 : EtherType.Ipv4);
    }

    private static void WriteEthernet(Span<byte> frame, MacAddress to, MacAddress from, ushort type)
    {
        ref EthernetHeader header = ref WireView.At<EthernetHeader>(frame, 0);
        header.Destination.Host = to;
        header.Source.Host = from;
        header.EtherType.Host = type;
    }
}
