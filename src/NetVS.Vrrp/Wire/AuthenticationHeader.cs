// RFC 4302 §2, with HMAC-MD5-96 (RFC 2403), as RFC 2338 §5.3.6.3 wanted it and keepalived does it.
using System.Buffers.Binary;
using System.Security.Cryptography;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Vrrp.Wire;

//   +---------------+---------------+-------------------------------+
//   | next header   | payload len 4 |          reserved             |
//   +---------------+---------------+-------------------------------+
//   |        security parameters index: the source address          |
//   +---------------------------------------------------------------+
//   |                    sequence number                            |
//   +---------------------------------------------------------------+
//   |               integrity check value, 12 octets                |
//   +---------------------------------------------------------------+

/// <summary>The IP authentication header of version 2's type 2; 24 octets between the IPv4 header and the message.</summary>
/// <remarks>
/// MD5 is weak, and keys of eight octets are short: the header is spoken because routers that are there speak it. What it covers: the IPv4 header
/// with TOS, fragment word and checksum zeroed (the time to live too for unicast), itself with a zero check value, and the message.
/// </remarks>
public static class AuthenticationHeader
{
    /// <summary>Octets.</summary>
    public const int Size = 24;

    private const int CheckOffset = 12, CheckSize = 12, SpiOffset = 4, SequenceOffset = 8, MostCovered = 2048;

    /// <summary>The sequence number.</summary>
    public static uint Sequence(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt32BigEndian(header[SequenceOffset..]);

    /// <summary>The security parameters index.</summary>
    public static uint Spi(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt32BigEndian(header[SpiOffset..]);

    /// <summary>Fills the header of a packet that is complete but for it.</summary>
    /// <param name="packet">IPv4 header, without options, room for this header, message.</param>
    /// <param name="sequence">The sequence number.</param>
    /// <param name="isUnicast">Whether the time to live is left out.</param>
    /// <param name="key">Eight octets.</param>
    public static void Write(Span<byte> packet, uint sequence, bool isUnicast, ReadOnlySpan<byte> key)
    {
        Span<byte> header = packet.Slice(Ipv4Header.Size, Size);
        header.Clear();
        header[0] = (byte)IpProtocol.Vrrp;
        header[1] = 4;
        packet.Slice(12, 4).CopyTo(header[SpiOffset..]);
        BinaryPrimitives.WriteUInt32BigEndian(header[SequenceOffset..], sequence);
        Span<byte> check = stackalloc byte[CheckSize];
        ComputeCheck(packet, Ipv4Header.Size, isUnicast, key, check);
        check.CopyTo(header[CheckOffset..]);
    }

    /// <summary>Whether the check value of a received packet is right.</summary>
    public static bool IsGenuine(in ReceivedAdvert advert, ReadOnlySpan<byte> key)
    {
        if (advert.Packet.Length > MostCovered) return false;
        Span<byte> check = stackalloc byte[CheckSize];
        ComputeCheck(advert.Packet, (advert.Packet[0] & 15) * 4, !advert.IsMulticast, key, check);
        return CryptographicOperations.FixedTimeEquals(check, advert.AuthenticationHeader.Slice(CheckOffset, CheckSize));
    }

    private static void ComputeCheck(ReadOnlySpan<byte> packet, int headerAt, bool isUnicast, ReadOnlySpan<byte> key, Span<byte> check)
    {
        Span<byte> covered = stackalloc byte[MostCovered];
        covered = covered[..packet.Length];
        packet.CopyTo(covered);
        covered[1] = 0;
        covered.Slice(6, 2).Clear();
        if (isUnicast) covered[8] = 0;
        covered.Slice(10, 2).Clear();
        covered.Slice(headerAt + CheckOffset, CheckSize).Clear();
        Span<byte> whole = stackalloc byte[HMACMD5.HashSizeInBytes];
#pragma warning disable CA5351 // the protocol's choice
        HMACMD5.HashData(key, covered, whole);
#pragma warning restore CA5351
        whole[..CheckSize].CopyTo(check);
    }
}
