using System.Globalization;
using System.Text;
using NetVS.Packets;

namespace NetVS.Testing.Packets;

/// <summary>One line for a frame, in the syntax of the golden fixtures (<see cref="PacketLine"/>), for messages and comparisons.</summary>
/// <remarks>Never fails: what cannot be read is shown in hexadecimal.</remarks>
public static class PacketDescriber
{
    /// <summary>Describes a frame from its Ethernet header on.</summary>
    public static string Describe(ReadOnlySpan<byte> frame)
    {
        var text = new StringBuilder();
        var reader = new OctetReader(frame.ToArray());
        Attempt(text, reader, 0, () => Ethernet(text, reader));
        return text.ToString();
    }

    /// <summary>Describes a packet from its IP header on.</summary>
    public static string DescribeIp(ReadOnlySpan<byte> packet)
    {
        var text = new StringBuilder();
        var reader = new OctetReader(packet.ToArray());
        Attempt(text, reader, 0, () => Ip(text, reader));
        return text.ToString().TrimStart();
    }

    private static void Attempt(StringBuilder text, OctetReader reader, int from, Action describe)
    {
        try
        {
            describe();
        }
        catch (Exception e) when (e is IndexOutOfRangeException or ArgumentException)
        {
            text.Append(" [cut] ").Append(Convert.ToHexStringLower(reader.Octets.AsSpan(Math.Min(from, reader.Length))));
        }
    }

    private static void Ethernet(StringBuilder text, OctetReader reader)
    {
        text.Append("mac ").Append(reader.Mac(6)).Append(" > ").Append(reader.Mac(0));
        int at = 12;
        int type = reader.U16(at);
        while (type is 0x8100 or 0x88A8)
        {
            int control = reader.U16(at + 2);
            text.Append(type == 0x8100 ? " vlan " : " svlan ").Append(control & 0xFFF);
            if (control >> 13 != 0) text.Append(" prio ").Append(control >> 13);
            at += 4;
            type = reader.U16(at);
        }

        OctetReader rest = reader.From(at + 2);
        if (type is 0x0800 or 0x86DD) Attempt(text, rest, 0, () => Ip(text, rest));
        else if (type == 0x0806) Attempt(text, rest, 0, () => Arp(text, rest));
        else text.Append(CultureInfo.InvariantCulture, $" type {type:x4} len {rest.Length}");
    }

    private static void Arp(StringBuilder text, OctetReader arp) => text.Append(CultureInfo.InvariantCulture,
        $" arp {(arp.U16(6) == 1 ? "request" : "reply")} {arp.Mac(8)} {arp.V4(14)} > {arp.Mac(18)} {arp.V4(24)}");

    private static void Ip(StringBuilder text, OctetReader ip)
    {
        if (ip.U8(0) >> 4 == 6) Ipv6(text, ip);
        else Ipv4(text, ip);
    }

    private static void Ipv4(StringBuilder text, OctetReader ip)
    {
        int header = (ip.U8(0) & 15) * 4;
        int flags = ip.U16(6);
        text.Append(CultureInfo.InvariantCulture, $" ipv4 {ip.V4(12)} > {ip.V4(16)} ttl {ip.U8(8)}");
        if (ip.U8(1) != 0) text.Append(CultureInfo.InvariantCulture, $" tos {ip.U8(1)}");
        if (ip.U16(4) != 0) text.Append(CultureInfo.InvariantCulture, $" id {ip.U16(4)}");
        if ((flags & 0x4000) != 0) text.Append(" df");
        if ((flags & 0x3FFF) != 0) Fragment(text, (flags & 0x1FFF) * 8, (flags & 0x2000) != 0);
        if (header > 20) text.Append(" opts ").Append(Convert.ToHexStringLower(ip.Octets.AsSpan(20, header - 20)));
        int total = Math.Clamp(ip.U16(2), Math.Min(header, ip.Length), ip.Length);
        if (ip.U16(2) > ip.Length) text.Append(CultureInfo.InvariantCulture, $" [{ip.U16(2)} octets said, {ip.Length} here]");
        OctetReader payload = ip.First(total).From(header);
        if ((flags & 0x1FFF) != 0) text.Append(CultureInfo.InvariantCulture, $" proto {ip.U8(9)}").Append(Data(payload, 0));
        else Attempt(text, payload, 0, () => PacketDescriberL4.Append(text, ip.U8(9), payload, 4));
    }

    private static void Ipv6(StringBuilder text, OctetReader ip)
    {
        uint word = ip.U32(0);
        text.Append(CultureInfo.InvariantCulture, $" ipv6 {ip.V6(8)} > {ip.V6(24)} ttl {ip.U8(7)}");
        if (((word >> 20) & 0xFF) != 0) text.Append(CultureInfo.InvariantCulture, $" tos {(word >> 20) & 0xFF}");
        if ((word & 0xFFFFF) != 0) text.Append(CultureInfo.InvariantCulture, $" flow {word & 0xFFFFF}");
        int total = Math.Min(40 + ip.U16(4), ip.Length);
        if (40 + ip.U16(4) > ip.Length) text.Append(CultureInfo.InvariantCulture, $" [{40 + ip.U16(4)} octets said, {ip.Length} here]");
        OctetReader payload = ip.First(total).From(40);
        int next = ip.U8(6);
        bool isLater = false;
        while (next is 0 or 43 or 44 or 51 or 60 && !isLater && payload.Length >= 8)
        {
            int length = next switch { 44 => 8, 51 => (payload.U8(1) + 2) * 4, _ => (payload.U8(1) + 1) * 8 };
            if (next == 44)
            {
                isLater = payload.U16(2) >> 3 != 0;
                Fragment(text, payload.U16(2) & 0xFFF8, (payload.U16(2) & 1) != 0);
                text.Append(CultureInfo.InvariantCulture, $" fragid {payload.U32(4)}");
            }
            else
            {
                text.Append(next switch { 0 => " hbh", 43 => " rh", 51 => " ah", _ => " dstopt" });
            }

            next = payload.U8(0);
            payload = payload.From(length);
        }

        if (isLater) text.Append(CultureInfo.InvariantCulture, $" proto {next}").Append(Data(payload, 0));
        else Attempt(text, payload, 0, () => PacketDescriberL4.Append(text, next, payload, 6));
    }

    private static void Fragment(StringBuilder text, int offset, bool more) =>
        text.Append(CultureInfo.InvariantCulture, $" frag {offset}{(more ? "+" : "")}");

    /// <summary>" len N" for the builder's pattern, the octets themselves else; nothing for no payload.</summary>
    internal static string Data(OctetReader payload, int from)
    {
        byte[] data = payload.Octets[from..];
        if (data.Length == 0) return "";
        if (data.AsSpan().SequenceEqual(PacketBuilder.Pattern(data.Length))) return $" len {data.Length}";
        string hex = Convert.ToHexStringLower(data);
        return hex.Length <= 128 ? $" data {hex}" : $" data {hex[..64]}…{hex[^64..]} ({data.Length} octets)";
    }

    /// <summary>A packet inside another.</summary>
    internal static void AppendInner(StringBuilder text, OctetReader ip) => Attempt(text, ip, 0, () => Ip(text, ip));
}
