using NetVS.Packets;

namespace NetVS.Testing.Packets;

/// <summary>Verifies every length and checksum of a frame with slow code written only from the RFCs.</summary>
/// <remarks>
/// Looks inside tunnels (IP in IP, GRE, GUE) and ICMP quotes (their IP header checksum; the quoted L4 checksum is the
/// business of whoever sent the quoted packet). Fragments are verified as far as they can be alone.
/// </remarks>
public static class PacketChecker
{
    /// <summary>Throws when anything is wrong; the message names every fault and shows the packet.</summary>
    /// <param name="frame">The frame from its Ethernet header on.</param>
    /// <param name="offload">What is left unfinished on purpose.</param>
    public static void Verify(ReadOnlySpan<byte> frame, PacketOffload offload = default)
    {
        IReadOnlyList<string> faults = FindFaults(frame, offload);
        if (faults.Count == 0) return;
        throw new PacketFaultException(
            $"{string.Join("; ", faults)}\n  {PacketDescriber.Describe(frame)}\n  {Convert.ToHexStringLower(frame)}");
    }

    /// <summary>Every fault of a frame; empty for a good one.</summary>
    public static IReadOnlyList<string> FindFaults(ReadOnlySpan<byte> frame, PacketOffload offload = default)
    {
        List<string> faults = [];
        var reader = new OctetReader(frame.ToArray());
        if (reader.Length < 14) return [$"{reader.Length} octets are no Ethernet frame"];
        if ((reader.U8(6) & 1) != 0) faults.Add("the source MAC is a group address");
        int at = 12;
        while (reader.Length >= at + 6 && reader.U16(at) is 0x8100 or 0x88A8) at += 4;
        if (reader.U16(at) is 0x8100 or 0x88A8) return [.. faults, "truncated VLAN tag"];
        int type = reader.U16(at);
        if (type is not (0x0800 or 0x86DD)) return faults;
        var l4 = new L4Checker(faults, offload, at + 2);
        int length = CheckIp(faults, reader.From(at + 2), type == 0x0800 ? 4 : 6, l4, false);

        // Octets behind the packet are Ethernet's padding to 60 octets (64 with the FCS), never more.
        int tail = reader.Length - (at + 2) - length;
        if (length > 0 && tail > 0 && reader.Length > 60 + (at - 12)) faults.Add($"{tail} octets behind the IP packet");
        return faults;
    }

    /// <summary>Every fault of a packet from its IP header on.</summary>
    public static IReadOnlyList<string> FindFaultsIp(ReadOnlySpan<byte> packet)
    {
        List<string> faults = [];
        if (packet.Length == 0) return ["no octets are no IP packet"];
        int version = packet[0] >> 4;
        var reader = new OctetReader(packet.ToArray());
        int length = CheckIp(faults, reader, version, new L4Checker(faults, default, 0), false);
        if (length > 0 && length != reader.Length) faults.Add($"{reader.Length - length} octets behind the IP packet");
        return faults;
    }

    internal static int CheckIp(List<string> faults, OctetReader ip, int version, L4Checker l4, bool isQuote) =>
        version == 4 ? CheckIpv4(faults, ip, l4, isQuote)
        : version == 6 ? CheckIpv6(faults, ip, l4, isQuote)
        : Fault(faults, $"IP version {version}");

    private static int CheckIpv4(List<string> faults, OctetReader ip, L4Checker l4, bool isQuote)
    {
        if (ip.Length < 20) return Fault(faults, $"{ip.Length} octets are no IPv4 header");
        int header = (ip.U8(0) & 15) * 4;
        int total = ip.U16(2);
        if (ip.U8(0) >> 4 != 4) return Fault(faults, $"IPv4 with version {ip.U8(0) >> 4}");
        if (header < 20 || header > ip.Length) return Fault(faults, $"IPv4 header length {header} of {ip.Length}");
        if (total < header) return Fault(faults, $"IPv4 total length {total} below its header's {header}");
        if (total > ip.Length && !isQuote) return Fault(faults, $"IPv4 total length {total}, but {ip.Length} octets are here");
        if (SlowChecksum.Sum(ip.Octets.AsSpan(0, header)) != 0xFFFF) faults.Add("bad IPv4 header checksum");
        int flags = ip.U16(6);
        if ((flags & 0x8000) != 0) faults.Add("IPv4's reserved flag is set");
        if ((flags & 0x2000) != 0 && (total - header) % 8 != 0) faults.Add("a fragment with more to come is no multiple of 8 long");
        if (isQuote) return total;
        if ((flags & 0x3FFF) == 0)
            l4.Check(ip.U8(9), ip.First(total).From(header), ip.Octets[12..16], ip.Octets[16..20], header);
        return total;
    }

    private static int CheckIpv6(List<string> faults, OctetReader ip, L4Checker l4, bool isQuote)
    {
        if (ip.Length < 40) return Fault(faults, $"{ip.Length} octets are no IPv6 header");
        if (ip.U8(0) >> 4 != 6) return Fault(faults, $"IPv6 with version {ip.U8(0) >> 4}");
        int total = 40 + ip.U16(4);
        if (isQuote) return total;
        if (total > ip.Length) return Fault(faults, $"IPv6 payload length {total - 40}, but {ip.Length - 40} octets are here");
        OctetReader payload = ip.First(total).From(40);
        int next = ip.U8(6);
        while (next is 0 or 43 or 44 or 51 or 60)
        {
            if (payload.Length < 8) return Fault(faults, $"truncated IPv6 extension header {next}");
            int length = next switch { 44 => 8, 51 => (payload.U8(1) + 2) * 4, _ => (payload.U8(1) + 1) * 8 };
            if (length > payload.Length) return Fault(faults, $"IPv6 extension header {next} ends beyond the packet");
            if (next == 44 && (payload.U16(2) & 0xFFF9) != 0)
            {
                if ((payload.U16(2) & 1) != 0 && (payload.Length - 8) % 8 != 0) faults.Add("a fragment with more to come is no multiple of 8 long");
                return total;
            }

            next = payload.U8(0);
            payload = payload.From(length);
        }

        l4.Check(next, payload, ip.Octets[8..24], ip.Octets[24..40], total - payload.Length);
        return total;
    }

    private static int Fault(List<string> faults, string fault)
    {
        faults.Add(fault);
        return 0;
    }
}
