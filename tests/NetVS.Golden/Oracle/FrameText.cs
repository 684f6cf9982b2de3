using System.Buffers.Binary;
using NetVS.Director.Forwarding;
using NetVS.Golden.Running;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Testing.Packets;

namespace NetVS.Golden.Oracle;

/// <summary>What the comparison has to know of frames.</summary>
internal static class FrameText
{
    private const int Ipv6Size = 40, FragmentHeader = 44, GuePort = 6080, OwnTtl = 64;

    /// <summary>Where the IP header is, behind any tags.</summary>
    public static int IpOffset(ReadOnlySpan<byte> frame)
    {
        int at = 12;
        while (frame.Length >= at + 6 && BinaryPrimitives.ReadUInt16BigEndian(frame[at..]) is EtherType.Vlan or EtherType.ServiceVlan) at += 4;
        return at + 2;
    }

    /// <summary>The packet without its Ethernet header and padding.</summary>
    public static byte[] Ip(ReadOnlySpan<byte> frame)
    {
        ReadOnlySpan<byte> packet = frame[IpOffset(frame)..];
        int length = packet[0] >> 4 == 4 ? BinaryPrimitives.ReadUInt16BigEndian(packet[2..]) : Ipv6Size + BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        return packet[..Math.Min(length, packet.Length)].ToArray();
    }

    /// <summary>Whether the packet is a part of one: the kernel puts it together before it looks at it.</summary>
    public static bool IsFragment(ReadOnlySpan<byte> frame)
    {
        ReadOnlySpan<byte> packet = frame[IpOffset(frame)..];
        return packet[0] >> 4 == 4 ? (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x3FFF) != 0 : packet[6] == FragmentHeader;
    }

    /// <summary>Whether a router sends the packet no further.</summary>
    public static bool HasNoHopLeft(byte[] packet) => packet[packet[0] >> 4 == 4 ? 8 : 7] <= 1;

    /// <summary>The packet as a router sends it on.</summary>
    public static byte[] Routed(byte[] packet)
    {
        byte[] sent = [.. packet];
        if (sent[0] >> 4 == 6)
        {
            sent[7]--;
            return sent;
        }

        sent[8]--;
        BinaryPrimitives.WriteUInt16BigEndian(sent.AsSpan(10), 0);
        int header = (sent[0] & 15) * 4;
        BinaryPrimitives.WriteUInt16BigEndian(sent.AsSpan(10), (ushort)(SlowChecksum.Sum(sent.AsSpan(0, header)) ^ 0xFFFF));
        return sent;
    }

    /// <summary>The frame with the checksum that an interface would finish.</summary>
    public static byte[] Finished(Outcome outcome)
    {
        byte[] frame = [.. outcome.Frame];
        if (!outcome.Offload.NeedsChecksum) return frame;
        int start = outcome.Offload.ChecksumStart;
        ushort sum = (ushort)(SlowChecksum.Sum(frame.AsSpan(start)) ^ 0xFFFF);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(start + outcome.Offload.ChecksumOffset), sum == 0 ? (ushort)0xFFFF : sum);
        return frame;
    }

    /// <summary>Whether the frame is the kernel's, but for what each of them draws in packets of its own: see <see cref="RecordedPacket"/>.</summary>
    public static bool IsSame(byte[] ours, byte[] kernels)
    {
        if (ours.AsSpan().SequenceEqual(kernels)) return true;
        if (!HasDrawn(Ip(ours))) return false;
        int at = IpOffset(kernels);
        var line = PacketLine.Parse("recorded " + Convert.ToHexStringLower(kernels.AsSpan(at)));
        line.FillFrom(ours);
        byte[] built = line.Build(default, default);
        return ours.AsSpan(0, IpOffset(ours)).SequenceEqual(kernels.AsSpan(0, at)) && built.AsSpan(14).SequenceEqual(ours.AsSpan(IpOffset(ours)));
    }

    // A tunnel's packet, an ICMP message of the director's own (what it translates has lost a hop), or IPv6 fragments, which the kernel cuts anew.
    private static bool HasDrawn(byte[] packet)
    {
        bool is4 = packet[0] >> 4 == 4;
        int protocol = is4 ? packet[9] : packet[6];
        if (!is4 && protocol == FragmentHeader) return true;
        return (IpProtocol)protocol switch
        {
            (IpProtocol)4 or (IpProtocol)41 or (IpProtocol)47 => true,
            IpProtocol.Udp => IsGue(packet, is4),
            IpProtocol.Icmp or IpProtocol.IcmpV6 => packet[is4 ? 8 : 7] == OwnTtl,
            _ => false,
        };
    }

    // Later fragments of a tunnel's packet say no port; their first fragment does.
    private static bool IsGue(byte[] packet, bool is4)
    {
        if (is4 && (BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(6)) & 0x1FFF) != 0) return true;
        int l4 = is4 ? 20 : Ipv6Size;
        return packet.Length >= l4 + 4 && BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(l4 + 2)) == GuePort;
    }
}
