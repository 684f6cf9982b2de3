using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace NetVS.Packets;

/// <summary>An IPv6 address as a value.</summary>
/// <remarks>Byte order: host; 2001:db8::1 has <c>High</c> 0x20010DB800000000 and <c>Low</c> 1.</remarks>
/// <param name="High">The first eight octets as a host-order integer.</param>
/// <param name="Low">The last eight octets as a host-order integer.</param>
public readonly record struct Ipv6Address(ulong High, ulong Low) : IComparable<Ipv6Address>
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 16;

    /// <summary>The unspecified address, ::.</summary>
    public static Ipv6Address Any => default;

    /// <summary>Whether the address is in ff00::/8 (RFC 4291 §2.7).</summary>
    public bool IsMulticast => High >> 56 == 0xFF;

    /// <summary>Whether the address is ::1.</summary>
    public bool IsLoopback => High == 0 && Low == 1;

    /// <summary>Whether the address is in fe80::/10 (RFC 4291 §2.5.6).</summary>
    public bool IsLinkLocal => High >> 54 == 0x3FA;

    /// <summary>Reads sixteen octets in network order.</summary>
    public static Ipv6Address Read(ReadOnlySpan<byte> octets) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(octets), BinaryPrimitives.ReadUInt64BigEndian(octets[8..]));

    /// <summary>Writes sixteen octets in network order.</summary>
    public void Write(Span<byte> octets)
    {
        BinaryPrimitives.WriteUInt64BigEndian(octets, High);
        BinaryPrimitives.WriteUInt64BigEndian(octets[8..], Low);
    }

    /// <summary>The XOR of the four 32-bit words, as IPVS's hash functions use it.</summary>
    public uint Fold() => unchecked((uint)(High >> 32) ^ (uint)High ^ (uint)(Low >> 32) ^ (uint)Low);

    /// <summary>Reads RFC 4291 §2.2 notation, with "::" and with a dotted-quad tail; no brackets, no zone.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Ipv6Address address)
    {
        address = default;
        Span<ushort> groups = stackalloc ushort[8];
        groups.Clear();
        int count = 0;
        int gap = -1;
        int position = 0;
        if (text.Length < 2) return false;
        if (text[0] == ':')
        {
            if (text[1] != ':') return false;
            gap = 0;
            position = 2;
        }

        while (position < text.Length)
        {
            if (count == 8) return false;
            ReadOnlySpan<char> rest = text[position..];
            int end = rest.IndexOf(':');
            ReadOnlySpan<char> part = end < 0 ? rest : rest[..end];
            if (part.Contains('.'))
            {
                if (end >= 0 || count > 6 || !Ipv4Address.TryParse(part, out Ipv4Address tail)) return false;
                groups[count++] = (ushort)(tail.Value >> 16);
                groups[count++] = (ushort)(tail.Value & 0xFFFF);
                position = text.Length;
                break;
            }

            if (part.Length is 0 or > 4 ||
                !ushort.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out groups[count]))
                return false;
            count++;
            position += part.Length;
            if (end < 0) break;
            position++;
            if (position == text.Length) return false;
            if (text[position] == ':')
            {
                if (gap >= 0) return false;
                gap = count;
                position++;
            }
        }

        if (gap < 0 ? count != 8 : count > 7) return false;
        if (gap >= 0)
        {
            int moved = count - gap;
            for (int i = 0; i < moved; i++)
            {
                groups[7 - i] = groups[count - 1 - i];
                if (count - 1 - i != 7 - i) groups[count - 1 - i] = 0;
            }
        }

        ulong high = 0, low = 0;
        for (int i = 0; i < 4; i++) high = (high << 16) | groups[i];
        for (int i = 4; i < 8; i++) low = (low << 16) | groups[i];
        address = new Ipv6Address(high, low);
        return true;
    }

    /// <summary>As <see cref="TryParse"/>, for text known to be right (constants, tests).</summary>
    /// <exception cref="FormatException">The text is not an IPv6 address.</exception>
    public static Ipv6Address Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out Ipv6Address address) ? address : throw new FormatException($"not an IPv6 address: {text}");

    /// <inheritdoc/>
    public int CompareTo(Ipv6Address other)
    {
        int high = High.CompareTo(other.High);
        return high != 0 ? high : Low.CompareTo(other.Low);
    }

    /// <summary>RFC 5952 notation: lower case, longest zero run compressed; a mapped IPv4 tail in dotted quad.</summary>
    public override string ToString()
    {
        if (High == 0 && Low >> 32 == 0xFFFF) return $"::ffff:{new Ipv4Address(unchecked((uint)Low))}";
        Span<ushort> groups = stackalloc ushort[8];
        for (int i = 0; i < 4; i++)
        {
            groups[i] = (ushort)((High >> (48 - (16 * i))) & 0xFFFF);
            groups[4 + i] = (ushort)((Low >> (48 - (16 * i))) & 0xFFFF);
        }

        int best = -1, bestLength = 1;
        for (int i = 0; i < 8; i++)
        {
            int j = i;
            while (j < 8 && groups[j] == 0) j++;
            if (j - i > bestLength) (best, bestLength) = (i, j - i);
            if (j > i) i = j;
        }

        var text = new StringBuilder(39);
        for (int i = 0; i < 8; i++)
        {
            if (i == best)
            {
                text.Append("::");
                i += bestLength - 1;
                continue;
            }

            if (text.Length > 0 && text[^1] != ':') text.Append(':');
            text.Append(groups[i].ToString("x", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    /// <summary>Unsigned order.</summary>
    public static bool operator <(Ipv6Address left, Ipv6Address right) => left.CompareTo(right) < 0;

    /// <summary>Unsigned order.</summary>
    public static bool operator >(Ipv6Address left, Ipv6Address right) => left.CompareTo(right) > 0;

    /// <summary>Unsigned order.</summary>
    public static bool operator <=(Ipv6Address left, Ipv6Address right) => left.CompareTo(right) <= 0;

    /// <summary>Unsigned order.</summary>
    public static bool operator >=(Ipv6Address left, Ipv6Address right) => left.CompareTo(right) >= 0;
}
