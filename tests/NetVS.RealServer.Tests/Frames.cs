using System.Buffers.Binary;
using System.Net;

namespace NetVS.RealServer.Tests;

/// <summary>Frames by hand, independent of the code under test: lengths and checksums by the book, one octet at a time.</summary>
internal static class Frames
{
    public static readonly byte[] MacHere = [2, 0, 0, 0, 0, 1];
    public static readonly byte[] MacThere = [2, 0, 0, 0, 0, 2];

    public static byte[] Ethernet(byte[] packet, byte[]? destination = null) =>
    [
        .. destination ?? MacHere, .. MacThere, .. (byte[])((packet[0] >> 4) == 4 ? [0x08, 0x00] : [0x86, 0xDD]), .. packet,
    ];

    public static byte[] Ipv4(
        string source, string destination, byte protocol, byte[] payload, byte tos = 0, ushort fragment = 0, byte[]? options = null)
    {
        options ??= [];
        byte[] header = new byte[20 + options.Length];
        header[0] = (byte)(0x40 | (header.Length / 4));
        header[1] = tos;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)(header.Length + payload.Length));
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(6), fragment);
        header[8] = 64;
        header[9] = protocol;
        IPAddress.Parse(source).GetAddressBytes().CopyTo(header, 12);
        IPAddress.Parse(destination).GetAddressBytes().CopyTo(header, 16);
        options.CopyTo(header, 20);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), Checksum(header));
        return [.. header, .. payload];
    }

    public static byte[] Ipv6(string source, string destination, byte nextHeader, byte[] payload, byte trafficClass = 0)
    {
        byte[] header = new byte[40];
        header[0] = (byte)(0x60 | (trafficClass >> 4));
        header[1] = (byte)((trafficClass << 4) & 0xF0);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), (ushort)payload.Length);
        header[6] = nextHeader;
        header[7] = 64;
        IPAddress.Parse(source).GetAddressBytes().CopyTo(header, 8);
        IPAddress.Parse(destination).GetAddressBytes().CopyTo(header, 24);
        return [.. header, .. payload];
    }

    public static byte[] Ip(string source, string destination, byte protocol, byte[] payload, byte tos = 0) =>
        source.Contains(':') ? Ipv6(source, destination, protocol, payload, tos) : Ipv4(source, destination, protocol, payload, tos);

    public static byte[] Tcp(
        string source, string destination, ushort sourcePort, ushort destinationPort, uint sequence, uint acknowledgement, byte flags,
        byte[]? options = null, byte[]? payload = null)
    {
        options ??= [];
        payload ??= [];
        byte[] segment = new byte[20 + options.Length + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(segment, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), destinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(4), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(8), acknowledgement);
        segment[12] = (byte)((20 + options.Length) / 4 << 4);
        segment[13] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(14), 60000);
        options.CopyTo(segment, 20);
        payload.CopyTo(segment, 20 + options.Length);
        byte[] pseudo =
        [
            .. IPAddress.Parse(source).GetAddressBytes(), .. IPAddress.Parse(destination).GetAddressBytes(),
            0, 6, (byte)(segment.Length >> 8), (byte)(segment.Length & 0xFF),
        ];
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(16), Checksum([.. pseudo, .. segment]));
        return segment;
    }

    /// <summary>RFC 1071, by the definition.</summary>
    public static ushort Checksum(byte[] octets)
    {
        ulong sum = 0;
        for (int i = 0; i < octets.Length; i += 2) sum += (uint)(octets[i] << 8 | (i + 1 < octets.Length ? octets[i + 1] : 0));
        while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)(~sum & 0xFFFF);
    }
}
