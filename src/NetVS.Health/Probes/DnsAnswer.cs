// RFC 1035 §4.1; RFC 3596 (AAAA).
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using NetVS.Packets;

namespace NetVS.Health.Probes;

/// <summary>The records of one type in a DNS answer, as text.</summary>
internal static class DnsAnswer
{
    private const int HeaderSize = 12, RecordFixedSize = 10, LongestName = 255, MostJumps = 64;
    private const ushort A = 1, Ns = 2, Cname = 5, Soa = 6, Mx = 15, Txt = 16, Aaaa = 28;

    /// <summary>Types whose records can be compared.</summary>
    public static IReadOnlyList<string> Comparable { get; } = ["A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA"];

    /// <summary>Reads the records; null where the message is broken.</summary>
    /// <remarks>Addresses as they are written; names in lower case without the last dot (MX: the host, SOA: the primary server); the strings of a TXT joined.</remarks>
    public static IReadOnlyList<string>? Read(ReadOnlySpan<byte> message, ushort type)
    {
        var values = new List<string>();
        if (message.Length < HeaderSize) return null;
        int questions = BinaryPrimitives.ReadUInt16BigEndian(message[4..]), answers = BinaryPrimitives.ReadUInt16BigEndian(message[6..]), at = HeaderSize;
        for (int i = 0; i < questions; i++)
        {
            if (!TryReadName(message, ref at, out _) || message.Length - at < 4) return null;
            at += 4;
        }

        for (int i = 0; i < answers; i++)
        {
            if (!TryReadName(message, ref at, out _) || message.Length - at < RecordFixedSize) return null;
            ushort found = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
            at += RecordFixedSize;
            if (message.Length - at < length) return null;
            if (found == type)
            {
                if (ReadValue(message, at, length, type) is not { } value) return null;
                values.Add(value);
            }

            at += length;
        }

        return values;
    }

    /// <summary>A value of a configuration, written as <see cref="Read"/> writes it; null where it is none of this type.</summary>
    public static string? Normalise(string value, string type) => type switch
    {
        "A" => IpAddress.TryParse(value, out IpAddress v4) && v4.Family == IpFamily.V4 ? v4.ToString() : null,
        "AAAA" => IpAddress.TryParse(value, out IpAddress v6) && v6.Family == IpFamily.V6 ? v6.ToString() : null,
        "TXT" => value,
        "NS" or "CNAME" or "SOA" or "MX" => value.TrimEnd('.').ToLowerInvariant(),
        _ => null,
    };

    private static string? ReadValue(ReadOnlySpan<byte> message, int at, int length, ushort type)
    {
        ReadOnlySpan<byte> data = message.Slice(at, length);
        if (type == Mx && length < 3) return null;
        if (type == Mx) at += 2;
        return type switch
        {
            A => length == 4 ? new IpAddress(Ipv4Address.Read(data)).ToString() : null,
            Aaaa => length == 16 ? new IpAddress(Ipv6Address.Read(data)).ToString() : null,
            Txt => ReadStrings(data),
            Ns or Cname or Soa or Mx => TryReadName(message, ref at, out string name) ? name : null,
            _ => Convert.ToHexString(data),
        };
    }

    private static string? ReadStrings(ReadOnlySpan<byte> data)
    {
        var text = new StringBuilder();
        while (data.Length > 0)
        {
            int length = data[0];
            if (data.Length <= length) return null;
            text.Append(Encoding.UTF8.GetString(data.Slice(1, length)));
            data = data[(length + 1)..];
        }

        return text.ToString();
    }

    // Compression points backwards as a rule; whoever points round and round is given up after some jumps.
    private static bool TryReadName(ReadOnlySpan<byte> message, ref int at, out string name)
    {
        var text = new StringBuilder();
        name = "";
        int from = at, jumps = 0;
        while (true)
        {
            if (from >= message.Length) return false;
            int length = message[from];
            if ((length & 0xC0) == 0xC0)
            {
                if (from + 1 >= message.Length || ++jumps > MostJumps) return false;
                if (jumps == 1) at = from + 2;
                from = BinaryPrimitives.ReadUInt16BigEndian(message[from..]) & 0x3FFF;
                continue;
            }

            if (length > 63 || from + 1 + length > message.Length || text.Length + length > LongestName) return false;
            if (length == 0)
            {
                if (jumps == 0) at = from + 1;
                name = text.ToString().ToLower(CultureInfo.InvariantCulture);
                return true;
            }

            if (text.Length > 0) text.Append('.');
            text.Append(Encoding.Latin1.GetString(message.Slice(from + 1, length)));
            from += 1 + length;
        }
    }
}
