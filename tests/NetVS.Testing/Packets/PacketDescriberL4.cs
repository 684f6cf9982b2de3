using System.Globalization;
using System.Text;

namespace NetVS.Testing.Packets;

/// <summary>The part of <see cref="PacketDescriber"/> behind the IP header.</summary>
internal static class PacketDescriberL4
{
    private static readonly string[] s_chunks =
    [
        "data", "init", "init-ack", "sack", "heartbeat", "heartbeat-ack", "abort", "shutdown", "shutdown-ack", "error",
        "cookie-echo", "cookie-ack", "12", "13", "shutdown-complete",
    ];

    internal static IReadOnlyList<string> ChunkNames => s_chunks;

    internal static void Append(StringBuilder text, int protocol, OctetReader l4, int version)
    {
        switch (protocol)
        {
            case 6: Tcp(text, l4); break;
            case 17: Udp(text, l4); break;
            case 132: Sctp(text, l4); break;
            case 1 when version == 4: Icmp(text, "icmp", l4, l4.U8(0) is 3 or 4 or 5 or 11 or 12); break;
            case 58 when version == 6: Icmp(text, "icmp", l4, l4.U8(0) < 128); break;
            case 4 or 41: PacketDescriber.AppendInner(text, l4); break;
            case 47: Gre(text, l4); break;
            default: text.Append(CultureInfo.InvariantCulture, $" proto {protocol}").Append(PacketDescriber.Data(l4, 0)); break;
        }
    }

    internal static string Flags(int flags)
    {
        const string Letters = "FSRP.UEW";
        var text = new StringBuilder();
        foreach (int bit in (ReadOnlySpan<int>)[1, 0, 2, 3, 5, 6, 7, 4])
        {
            if ((flags & (1 << bit)) != 0) text.Append(Letters[bit]);
        }

        return text.Length == 0 ? "none" : text.ToString();
    }

    private static void Tcp(StringBuilder text, OctetReader l4)
    {
        text.Append(CultureInfo.InvariantCulture, $" tcp {l4.U16(0)} > {l4.U16(2)}");
        text.Append(CultureInfo.InvariantCulture, $" {Flags(l4.U8(13))} seq {l4.U32(4)}");
        if (l4.U32(8) != 0) text.Append(CultureInfo.InvariantCulture, $" ack {l4.U32(8)}");
        if (l4.U16(14) != 65535) text.Append(CultureInfo.InvariantCulture, $" win {l4.U16(14)}");
        if (l4.U16(18) != 0) text.Append(CultureInfo.InvariantCulture, $" urg {l4.U16(18)}");
        int header = (l4.U8(12) >> 4) * 4;
        Options(text, l4.First(header).From(20));
        text.Append(PacketDescriber.Data(l4, header));
    }

    private static void Options(StringBuilder text, OctetReader options)
    {
        for (int at = 0; at < options.Length;)
        {
            int kind = options.U8(at);
            if (kind == 0)
            {
                // Up to three octets of padding are the builder's own; more would not be.
                if (options.Length - at > 3) text.Append(" eol");
                return;
            }

            if (kind == 1)
            {
                text.Append(" nop");
                at++;
                continue;
            }

            int length = options.U8(at + 1);
            if (length < 2) throw new ArgumentException("option length");
            OctetReader value = options.First(at + length).From(at + 2);
            text.Append((kind, length) switch
            {
                (2, 4) => $" mss {value.U16(0)}",
                (3, 3) => $" wscale {value.U8(0)}",
                (4, 2) => " sackok",
                (8, 10) => $" ts {value.U32(0)} {value.U32(4)}",
                (5, _) when length % 8 == 2 => Sack(value),
                (254, 8) => $" toa {value.V4(2)}:{value.U16(0)}",
                (254, 20) => $" toa [{value.V6(2)}]:{value.U16(0)}",
                _ => $" opt {Convert.ToHexStringLower(options.Octets.AsSpan(at, length))}",
            });
            at += length;
        }
    }

    private static string Sack(OctetReader value)
    {
        var text = new StringBuilder(" sack ");
        for (int at = 0; at < value.Length; at += 8)
            text.Append(CultureInfo.InvariantCulture, $"{(at > 0 ? "," : "")}{value.U32(at)}-{value.U32(at + 4)}");
        return text.ToString();
    }

    private static void Udp(StringBuilder text, OctetReader l4)
    {
        text.Append(CultureInfo.InvariantCulture, $" udp {l4.U16(0)} > {l4.U16(2)}");
        if (l4.U16(6) == 0) text.Append(" nosum");
        if (l4.U16(4) != l4.Length) text.Append(CultureInfo.InvariantCulture, $" [{l4.U16(4)} octets said, {l4.Length} here]");
        if (IsGue(l4))
        {
            text.Append(" gue");
            int fields = (l4.U8(8) & 31) * 4;
            if (fields == 8) text.Append(CultureInfo.InvariantCulture, $" remcsum {l4.U16(16)} {l4.U16(18)}");
            PacketDescriber.AppendInner(text, l4.From(12 + fields));
            return;
        }

        text.Append(PacketDescriber.Data(l4, 8));
    }

    // 6080 is GUE's port (IANA); version 0, no control message, IPv4 or IPv6 inside.
    private static bool IsGue(OctetReader l4) =>
        l4.U16(2) == 6080 && l4.Length > 12 && l4.U8(8) >> 5 == 0 && l4.U8(9) is 4 or 41 && l4.Length >= 12 + ((l4.U8(8) & 31) * 4);

    private static void Gre(StringBuilder text, OctetReader l4)
    {
        text.Append(" gre");
        bool hasChecksum = l4.U16(0) == 0x8000;
        if (hasChecksum) text.Append(" csum");
        if ((l4.U16(0) is 0 || hasChecksum) && l4.U16(2) is 0x0800 or 0x86DD) PacketDescriber.AppendInner(text, l4.From(hasChecksum ? 8 : 4));
        else text.Append(PacketDescriber.Data(l4, 0));
    }

    private static void Sctp(StringBuilder text, OctetReader l4)
    {
        text.Append(CultureInfo.InvariantCulture, $" sctp {l4.U16(0)} > {l4.U16(2)}");
        int chunk = l4.Length > 12 ? l4.U8(12) : -1;
        text.Append(' ').Append(chunk >= 0 && chunk < s_chunks.Length ? s_chunks[chunk] : chunk.ToString(CultureInfo.InvariantCulture));
        if (l4.U32(4) != 0) text.Append(CultureInfo.InvariantCulture, $" tag {l4.U32(4)}");
        if (l4.Length > 16) text.Append(PacketDescriber.Data(l4.First(Math.Min(l4.Length, 12 + l4.U16(14))), 16));
    }

    private static void Icmp(StringBuilder text, string name, OctetReader l4, bool isError)
    {
        text.Append(CultureInfo.InvariantCulture, $" {name} {l4.U8(0)}/{l4.U8(1)}");
        if (l4.U32(4) != 0) text.Append(CultureInfo.InvariantCulture, $" rest {l4.U32(4)}");
        if (!isError || l4.Length < 28)
        {
            text.Append(PacketDescriber.Data(l4, 8));
            return;
        }

        OctetReader quote = l4.From(8);
        text.Append(CultureInfo.InvariantCulture, $" quote[{quote.Length}]");
        PacketDescriber.AppendInner(text, quote);
    }
}
