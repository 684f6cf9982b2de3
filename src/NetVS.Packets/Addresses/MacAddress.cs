using System.Globalization;

namespace NetVS.Packets;

/// <summary>A 48-bit Ethernet address as a value.</summary>
/// <param name="Value">The address in the low 48 bits, first octet on the wire most significant.</param>
public readonly record struct MacAddress(ulong Value)
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 6;

    /// <summary>ff:ff:ff:ff:ff:ff.</summary>
    public static MacAddress Broadcast => new(0xFFFF_FFFF_FFFF);

    /// <summary>Whether the group bit is set: multicast and broadcast (IEEE 802-2014 §8.2).</summary>
    public bool IsGroup => (Value & 0x0100_0000_0000) != 0;

    /// <summary>Reads six octets in wire order.</summary>
    public static MacAddress Read(ReadOnlySpan<byte> octets)
    {
        ulong value = 0;
        for (int i = 0; i < Size; i++) value = (value << 8) | octets[i];
        return new MacAddress(value);
    }

    /// <summary>Writes six octets in wire order.</summary>
    public void Write(Span<byte> octets)
    {
        for (int i = 0; i < Size; i++) octets[i] = (byte)((Value >> (40 - (8 * i))) & 0xFF);
    }

    /// <summary>Reads six colon-separated pairs of hexadecimal digits.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out MacAddress address)
    {
        address = default;
        if (text.Length != 17) return false;
        ulong value = 0;
        for (int i = 0; i < Size; i++)
        {
            if (i > 0 && text[(3 * i) - 1] != ':') return false;
            if (!byte.TryParse(text.Slice(3 * i, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte octet))
                return false;
            value = (value << 8) | octet;
        }

        address = new MacAddress(value);
        return true;
    }

    /// <summary>Six colon-separated pairs, lower case.</summary>
    public override string ToString() =>
        string.Create(17, Value, static (span, value) =>
        {
            for (int i = 0; i < Size; i++)
            {
                if (i > 0) span[(3 * i) - 1] = ':';
                byte octet = (byte)((value >> (40 - (8 * i))) & 0xFF);
                octet.TryFormat(span.Slice(3 * i, 2), out _, "x2", CultureInfo.InvariantCulture);
            }
        });
}
