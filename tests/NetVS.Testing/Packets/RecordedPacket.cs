using System.Buffers.Binary;
using NetVS.Packets;

namespace NetVS.Testing.Packets;

/// <summary>An IP packet that was recorded from another implementation, and compared with one of ours octet by octet but for what is drawn.</summary>
/// <remarks>
/// Drawn are: the outer IPv4 identification where it is not 0, the identification of an IPv6 fragment header behind the outer header, the UDP source port
/// of a tunnel, and the flow label of an ICMPv6 message. They are taken from the packet compared with; the checksums over them follow by RFC 1624.
/// </remarks>
internal static class RecordedPacket
{
    private const int Ipv6Size = 40, FragmentSize = 8, FragmentProtocol = 44;

    /// <summary>The recorded packet with what is drawn as in the packet compared with.</summary>
    /// <param name="recorded">From the IP header on.</param>
    /// <param name="actual">The frame compared with.</param>
    /// <param name="gue">The UDP port of GUE tunnels.</param>
    public static byte[] Fit(ReadOnlySpan<byte> recorded, ReadOnlySpan<byte> actual, ushort gue)
    {
        byte[] packet = recorded.ToArray();
        int at = BinaryPrimitives.ReadUInt16BigEndian(actual[12..]) == 0x8100 ? 18 : 14;
        if (actual.Length < at + packet.Length) return packet;
        ReadOnlySpan<byte> other = actual.Slice(at, packet.Length);
        if (packet[0] >> 4 == 4)
        {
            if (Word(packet, 4) != 0) Take(packet, other, 4, 10);
            bool isFirst = (Word(packet, 6) & 0x1FFF) == 0;
            if (packet[9] == (byte)IpProtocol.Udp && isFirst) FitUdp(packet, other, 20, gue);
            return packet;
        }

        int l4 = Ipv6Size, protocol = packet[6];
        if (protocol == (int)IpProtocol.IcmpV6)
        {
            packet[1] = (byte)((packet[1] & 0xF0) | (other[1] & 0x0F));
            other.Slice(2, 2).CopyTo(packet.AsSpan(2));
        }

        if (protocol == FragmentProtocol)
        {
            other.Slice(l4 + 4, 4).CopyTo(packet.AsSpan(l4 + 4));
            protocol = (Word(packet, l4 + 2) & 0xFFF8) == 0 ? packet[l4] : -1;
            l4 += FragmentSize;
        }

        if (protocol == (int)IpProtocol.Udp) FitUdp(packet, other, l4, gue);
        return packet;
    }

    private static void FitUdp(byte[] packet, ReadOnlySpan<byte> other, int l4, ushort gue)
    {
        if (packet.Length < l4 + 8 || Word(packet, l4 + 2) != gue) return;
        Take(packet, other, l4, Word(packet, l4 + 6) == 0 ? -1 : l4 + 6);
    }

    // Equation 3 of RFC 1624: HC' = ~(~HC + ~m + m').
    private static void Take(byte[] packet, ReadOnlySpan<byte> other, int at, int checksum)
    {
        int old = Word(packet, at), drawn = Word(other, at);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(at), (ushort)drawn);
        if (checksum < 0) return;
        int sum = (Word(packet, checksum) ^ 0xFFFF) + (old ^ 0xFFFF) + drawn;
        while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(checksum), (ushort)(sum ^ 0xFFFF));
    }

    private static int Word(ReadOnlySpan<byte> octets, int at) => BinaryPrimitives.ReadUInt16BigEndian(octets[at..]);
}
