using NetVS.Packets;

namespace NetVS.Testing.Packets;

/// <summary>Checksums written straight from the RFCs, octet by octet: the twin of what is under test, sharing nothing with it.</summary>
public static class SlowChecksum
{
    /// <summary>RFC 1071: adds 16-bit words with end-around carry; an odd last octet is the high half of a word.</summary>
    public static int Sum(ReadOnlySpan<byte> octets, int start = 0)
    {
        int sum = start;
        for (int i = 0; i < octets.Length; i++)
        {
            sum += i % 2 == 0 ? octets[i] << 8 : octets[i];
            while (sum > 0xFFFF) sum = (sum & 0xFFFF) + 1;
        }

        return sum;
    }

    /// <summary>The sum of a pseudo-header: addresses, protocol, length (RFC 9293 §3.1, RFC 8200 §8.1).</summary>
    public static int PseudoHeader(ReadOnlySpan<byte> source, ReadOnlySpan<byte> destination, byte protocol, int length)
    {
        byte[] pseudo =
        [
            .. source, .. destination,
            (byte)(length >> 24), (byte)((length >> 16) & 255), (byte)((length >> 8) & 255), (byte)(length & 255),
            0, 0, 0, protocol,
        ];
        return Sum(pseudo);
    }

    /// <summary>The pseudo-header's sum for addresses as values.</summary>
    public static int PseudoHeader(IpAddress source, IpAddress destination, byte protocol, int length)
    {
        byte[] from = new byte[source.Size];
        byte[] to = new byte[destination.Size];
        source.Write(from);
        destination.Write(to);
        return PseudoHeader(from, to, protocol, length);
    }

    /// <summary>CRC32c bit by bit, polynomial 0x1EDC6F41 reflected (RFC 9260 appendix A).</summary>
    public static uint Crc32c(ReadOnlySpan<byte> octets)
    {
        uint register = 0xFFFF_FFFF;
        foreach (byte octet in octets)
        {
            register ^= octet;
            for (int bit = 0; bit < 8; bit++) register = (register >> 1) ^ ((register & 1) != 0 ? 0x82F6_3B78u : 0);
        }

        return ~register;
    }
}
