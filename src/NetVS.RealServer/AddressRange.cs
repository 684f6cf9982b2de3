using NetVS.Packets;

namespace NetVS.RealServer;

/// <summary>An address or a CIDR range of senders that are believed.</summary>
/// <param name="Address">The address; bits after the prefix are zero.</param>
/// <param name="PrefixLength">Bits that count, in the family of the address.</param>
public sealed record AddressRange(IpAddress Address, int PrefixLength)
{
    private const int MappedBits = 96;
    private static readonly byte[] s_mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF];

    /// <summary>Reads "192.0.2.1", "192.0.2.0/24", "2001:db8::/64".</summary>
    public static bool TryParse(string text, out AddressRange range)
    {
        range = new AddressRange(default, 0);
        string[] parts = text.Split('/');
        if (parts.Length > 2 || !IpAddress.TryParse(parts[0], out IpAddress address)) return false;
        int bits = address.Size * 8;
        int length = bits;
        if (parts.Length == 2 && (!int.TryParse(parts[1], System.Globalization.NumberStyles.None, null, out length) || length > bits)) return false;
        byte[] octets = new byte[address.Size];
        address.Write(octets);
        for (int i = length; i < bits; i++) octets[i / 8] &= (byte)(0xFF ^ (0x80 >> (i % 8)));
        IpAddress masked = address.Family == IpFamily.V6 ? Ipv6Address.Read(octets) : Ipv4Address.Read(octets);
        range = new AddressRange(masked, length);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => PrefixLength == Address.Size * 8 ? Address.ToString() : $"{Address}/{PrefixLength}";

    /// <summary>The address as the programs' maps have it: 16 octets, an IPv4 one as ::ffff:a.b.c.d.</summary>
    internal static byte[] ToMapKey(IpAddress address)
    {
        byte[] key = new byte[16];
        if (address.Family == IpFamily.V4) s_mapped.CopyTo(key, 0);
        address.Write(key.AsSpan(16 - address.Size));
        return key;
    }

    /// <summary>Reads <see cref="ToPrefixKey"/>'s form back.</summary>
    internal static AddressRange FromPrefixKey(byte[] key)
    {
        int length = BitConverter.ToInt32(key);
        return key.AsSpan(4).StartsWith(s_mapped) && length >= MappedBits
            ? new AddressRange(Ipv4Address.Read(key.AsSpan(16)), length - MappedBits)
            : new AddressRange(Ipv6Address.Read(key.AsSpan(4)), length);
    }

    /// <summary>The key of a longest-prefix map: the length in bits of the 128, host order, then the address.</summary>
    internal byte[] ToPrefixKey()
    {
        int length = Address.Family == IpFamily.V4 ? PrefixLength + MappedBits : PrefixLength;
        byte[] key = new byte[20];
        BitConverter.TryWriteBytes(key, length);
        ToMapKey(Address).CopyTo(key, 4);
        return key;
    }
}
