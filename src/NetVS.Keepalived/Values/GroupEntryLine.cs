using System.Globalization;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;
using NetVS.Packets;

namespace NetVS.Keepalived.Values;

/// <summary>A line of virtual_server_group (reference §5.1), and the addresses of local_address_group.</summary>
internal static class GroupEntryLine
{
    /// <summary>The most addresses a range may hold: each becomes a service.</summary>
    public const int MostAddresses = 65536;

    /// <summary>Reads a line.</summary>
    public static GroupEntry? Read(BlockReader reader, Statement line, IConfigurationBlock record)
    {
        if (line[0] is not { } first) return null;
        if (first.Text == "fwmark") return ReadMark(reader, line, record);
        ushort port = 0;
        string complaint = "";
        if (line[1] is { } second && !AddressText.TryParsePort(second.Text, out port, out complaint))
        {
            reader.BadNumber(second, record, complaint, $"Invalid virtual server group IP address {first.Text} /port/%v - skipping");
            return null;
        }

        return TryReadRange(reader, first, record, $"Invalid virtual server group IP address %v {(line[1] is { } p ? $"/port/{p.Text} " : "")}- skipping", out IpAddress low, out IpAddress high)
            ? new GroupEntry { First = low, Last = high, Port = port, Family = low.Family, Position = first.Position }
            : null;
    }

    /// <summary>The addresses of a range, at most <see cref="MostAddresses"/>.</summary>
    public static IEnumerable<IpAddress> Enumerate(IpAddress first, IpAddress last)
    {
        UInt128 from = Number(first), to = Number(last);
        for (int i = 0; from <= to && i < MostAddresses; i++, from++) yield return Address(from, first.Family);
    }

    /// <summary>An address, a range by its last part or its last address, or a whole prefix.</summary>
    public static bool TryReadRange(BlockReader reader, Word word, IConfigurationBlock record, string error, out IpAddress first, out IpAddress last)
    {
        string text = word.Text;
        int dash = text.IndexOf('-', StringComparison.Ordinal);
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        last = default;
        string head = dash >= 0 ? text[..dash] : slash >= 0 ? text[..slash] : text;
        if (!IpAddress.TryParse(head, out first))
        {
            reader.Error(word, record, error, "write a numeric address");
            return false;
        }

        last = first;
        if (dash >= 0) return TryReadEnd(reader, word, record, text[(dash + 1)..], first, ref last);
        if (slash < 0) return true;
        if (!NumberText.TryParse(text[(slash + 1)..], 1, first.Size * 8, out long length, out string complaint))
        {
            reader.BadNumber(word, record, complaint, $"Invalid address mask %v - skipping");
            return false;
        }

        UInt128 hostBits = (UInt128.One << ((first.Size * 8) - (int)length)) - 1;
        if ((Number(first) & hostBits) != 0)
        {
            reader.Error(word, record, "Address mask bits not empty - %v - skipping", "begin with the network's address");
            return false;
        }

        last = Address(Number(first) | hostBits, first.Family);
        return IsSmall(reader, word, record, first, last);
    }

    private static bool TryReadEnd(BlockReader reader, Word word, IConfigurationBlock record, string end, IpAddress first, ref IpAddress last)
    {
        if (IpAddress.TryParse(end, out IpAddress whole))
        {
            if (whole.Family == first.Family && whole >= first)
            {
                last = whole;
                return IsSmall(reader, word, record, first, last);
            }

            reader.Error(word, record, "Address range end is not greater than address range start - %v - skipping", "write the lower address first");
            return false;
        }

        bool isV6 = first.Family == IpFamily.V6;
        uint most = isV6 ? 0xFFFFu : 255u;
        bool isNumber = uint.TryParse(end, isV6 ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out uint part);
        if (!isNumber || part > most)
        {
            reader.Error(word, record, isNumber ? $"Virtual server group range '%v' end '{end}' too large" : $"Virtual server group range '%v' end '{end}' is invalid",
                isV6 ? "the end is the last 16 bits, in hexadecimal" : "the end is the last number, at most 255");
            return false;
        }

        last = Address((Number(first) & ~(UInt128)most) | part, first.Family);
        if (last > first) return true;
        reader.Error(word, record, "Address range end is not greater than address range start - %v - skipping", "write the lower address first");
        return false;
    }

    private static bool IsSmall(BlockReader reader, Word word, IConfigurationBlock record, IpAddress first, IpAddress last)
    {
        if (Number(last) - Number(first) < MostAddresses) return true;
        reader.Error(word, record, $"the range %v holds more than {MostAddresses} addresses - skipping", "each becomes a service of its own: use a firewall mark");
        return false;
    }

    private static GroupEntry? ReadMark(BlockReader reader, Statement line, IConfigurationBlock record)
    {
        if (!reader.TryTake(line, 1, out Word word)) return null;
        if (!NumberText.TryParse(word.Text, 0, uint.MaxValue, out long mark, out string complaint))
        {
            reader.BadNumber(word, record, complaint, "virtual server group fwmark '%v' must be in [0, 4294967295] - ignoring");
            return null;
        }

        IpFamily family = line[2]?.Text switch { "inet" => IpFamily.V4, "inet6" => IpFamily.V6, _ => IpFamily.None };
        if (line[2] is { } unknown && family == IpFamily.None) reader.Error(unknown, record, "unknown address family %v", "inet or inet6");
        return new GroupEntry { Kind = GroupEntryKind.Mark, Mark = (uint)mark, Family = family, Position = line.Position };
    }

    private static UInt128 Number(IpAddress address)
    {
        if (address.Family != IpFamily.V6) return address.V4.Value;
        (ulong high, ulong low) = address.V6;
        return new UInt128(high, low);
    }

    private static IpAddress Address(UInt128 number, IpFamily family) => family == IpFamily.V6
        ? new Ipv6Address((ulong)(number >> 64), (ulong)(number & ulong.MaxValue))
        : new Ipv4Address((uint)(number & uint.MaxValue));
}
