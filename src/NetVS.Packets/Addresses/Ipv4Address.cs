using System.Buffers.Binary;

namespace NetVS.Packets;

/// <summary>An IPv4 address as a value.</summary>
/// <remarks>Byte order: host; 192.0.2.1 has the value 0xC0000201.</remarks>
/// <param name="Value">The address as a host-order integer.</param>
public readonly record struct Ipv4Address(uint Value) : IComparable<Ipv4Address>
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 4;

    /// <summary>0.0.0.0.</summary>
    public static Ipv4Address Any => default;

    /// <summary>Whether the address is in 224.0.0.0/4 (RFC 5771).</summary>
    public bool IsMulticast => (Value & 0xF000_0000) == 0xE000_0000;

    /// <summary>Whether the address is in 127.0.0.0/8 (RFC 1122 §3.2.1.3).</summary>
    public bool IsLoopback => (Value & 0xFF00_0000) == 0x7F00_0000;

    /// <summary>Whether the address is 255.255.255.255.</summary>
    public bool IsLimitedBroadcast => Value == 0xFFFF_FFFF;

    /// <summary>Reads four octets in network order.</summary>
    public static Ipv4Address Read(ReadOnlySpan<byte> octets) => new(BinaryPrimitives.ReadUInt32BigEndian(octets));

    /// <summary>Writes four octets in network order.</summary>
    public void Write(Span<byte> octets) => BinaryPrimitives.WriteUInt32BigEndian(octets, Value);

    /// <summary>Builds an address from its four dotted parts.</summary>
    public static Ipv4Address Of(byte a, byte b, byte c, byte d) =>
        new(((uint)a << 24) | ((uint)b << 16) | ((uint)c << 8) | d);

    /// <summary>Reads strict dotted-quad notation: four decimal parts 0..255, no leading zeros, nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Ipv4Address address)
    {
        address = default;
        uint value = 0;
        int position = 0;
        for (int part = 0; part < 4; part++)
        {
            if (part > 0)
            {
                if (position >= text.Length || text[position] != '.') return false;
                position++;
            }

            int start = position;
            uint number = 0;
            while (position < text.Length && char.IsAsciiDigit(text[position]) && position - start < 3)
                number = (number * 10) + (uint)(text[position++] - '0');
            if (position == start || number > 255) return false;
            if (position - start > 1 && text[start] == '0') return false;
            value = (value << 8) | number;
        }

        if (position != text.Length) return false;
        address = new Ipv4Address(value);
        return true;
    }

    /// <summary>As <see cref="TryParse"/>, for text known to be right (constants, tests).</summary>
    /// <exception cref="FormatException">The text is not a dotted quad.</exception>
    public static Ipv4Address Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out Ipv4Address address) ? address : throw new FormatException($"not an IPv4 address: {text}");

    /// <inheritdoc/>
    public int CompareTo(Ipv4Address other) => Value.CompareTo(other.Value);

    /// <summary>Dotted-quad notation.</summary>
    public override string ToString() => $"{Value >> 24}.{(Value >> 16) & 255}.{(Value >> 8) & 255}.{Value & 255}";

    /// <summary>Unsigned order.</summary>
    public static bool operator <(Ipv4Address left, Ipv4Address right) => left.Value < right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator >(Ipv4Address left, Ipv4Address right) => left.Value > right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator <=(Ipv4Address left, Ipv4Address right) => left.Value <= right.Value;

    /// <summary>Unsigned order.</summary>
    public static bool operator >=(Ipv4Address left, Ipv4Address right) => left.Value >= right.Value;
}
