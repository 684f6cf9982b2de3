// RFC 3768 §5, RFC 9568 §5; reference order: the IP packet, then the message.
using System.Buffers.Binary;
using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;
using NetVS.Vrrp.Options;

namespace NetVS.Vrrp.Wire;

/// <summary>Writes adverts: whole IP packets, ready to be sent as they are.</summary>
public static class AdvertWriter
{
    private const byte InternetworkControl = 0xC0;

    /// <summary>Octets of the longest advert's IP packet, by either family.</summary>
    public const int MostOctets = Ipv6Header.Size + VrrpMessage.HeaderSize + (255 * Ipv6Address.Size);

    /// <summary>What changes from one advert to the next.</summary>
    /// <param name="Source">The sender's address.</param>
    /// <param name="Destination">The group, or a peer.</param>
    /// <param name="Priority">The priority; 0 to resign.</param>
    /// <param name="Identification">IPv4: the identification.</param>
    /// <param name="Sequence">With an authentication header: its sequence number.</param>
    /// <param name="UsesOldChecksum">Version 3 over unicast IPv4: the checksum is that for the multicast group.</param>
    public readonly record struct Advert(
        IpAddress Source, IpAddress Destination, byte Priority, ushort Identification, uint Sequence, bool UsesOldChecksum);

    /// <summary>Writes a packet.</summary>
    /// <param name="octets">At least <see cref="MostOctets"/>.</param>
    /// <param name="options">The virtual router.</param>
    /// <param name="advert">The advert.</param>
    /// <returns>Octets written.</returns>
    public static int Write(Span<byte> octets, VirtualRouterOptions options, in Advert advert)
    {
        ArgumentNullException.ThrowIfNull(options);
        int messageSize = VrrpMessage.Size(options.Version, options.Family, options.Addresses.Count);
        if (options.Family == IpFamily.V6)
        {
            WriteMessage(octets.Slice(Ipv6Header.Size, messageSize), options, advert);
            WriteIpv6Header(octets, options.Ttl, messageSize, advert);
            return Ipv6Header.Size + messageSize;
        }

        bool isAuthenticated = options.Authentication == AuthenticationKind.Header;
        int at = Ipv4Header.Size + (isAuthenticated ? AuthenticationHeader.Size : 0);
        Span<byte> packet = octets[..(at + messageSize)];
        WriteMessage(packet[at..], options, advert);
        WriteIpv4Header(packet, options.Ttl, isAuthenticated ? IpProtocol.Ah : IpProtocol.Vrrp, advert);
        if (isAuthenticated) AuthenticationHeader.Write(packet, advert.Sequence, options.IsUnicast, options.Password.Span);
        return packet.Length;
    }

    /// <summary>The sum that belongs into a version 3 checksum: pseudo header and message with a zero checksum.</summary>
    internal static ushort SumV3(IpAddress source, IpAddress destination, ReadOnlySpan<byte> message) => InternetChecksum.Add(
        PseudoHeader.Sum(source, destination, IpProtocol.Vrrp, message.Length), InternetChecksum.Sum(message));

    private static void WriteMessage(Span<byte> message, VirtualRouterOptions options, in Advert advert)
    {
        message.Clear();
        message[0] = (byte)((options.Version << 4) | VrrpMessage.Advertisement);
        message[1] = options.RouterId;
        message[2] = advert.Priority;
        message[3] = (byte)options.Addresses.Count;
        if (options.Version == 2)
        {
            message[4] = (byte)options.Authentication;
            message[5] = (byte)options.AdvertInterval.TotalSeconds;
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(message[4..], (ushort)(options.AdvertInterval.Ticks / (TimeSpan.TicksPerMillisecond * 10)));
        }

        int at = VrrpMessage.HeaderSize;
        for (int i = 0; i < options.Addresses.Count; i++)
        {
            options.Addresses[i].Write(message[at..]);
            at += options.Addresses[i].Size;
        }

        if (options.Authentication == AuthenticationKind.Password) options.Password.Span.CopyTo(message[at..]);
        IpAddress summed = advert.UsesOldChecksum ? VirtualRouterOptions.DefaultGroup4 : advert.Destination;
        ushort sum = options.Version == 2 ? InternetChecksum.Sum(message) : SumV3(advert.Source, summed, message);
        BinaryPrimitives.WriteUInt16BigEndian(message[VrrpMessage.ChecksumOffset..], InternetChecksum.Finish(sum));
    }

    private static void WriteIpv4Header(Span<byte> packet, byte ttl, IpProtocol protocol, in Advert advert)
    {
        ref Ipv4Header header = ref WireView.At<Ipv4Header>(packet, 0);
        header = default;
        header.SetHeaderLength(Ipv4Header.Size);
        header.Tos = InternetworkControl;
        header.TotalLength.Host = (ushort)packet.Length;
        header.Identification.Host = advert.Identification;
        header.Ttl = ttl;
        header.Protocol = protocol;
        header.SourceAddress.Host = advert.Source.V4;
        header.DestinationAddress.Host = advert.Destination.V4;
        header.Checksum.Host = InternetChecksum.Compute(packet[..Ipv4Header.Size]);
    }

    private static void WriteIpv6Header(Span<byte> packet, byte hopLimit, int messageSize, in Advert advert)
    {
        // Version 6, traffic class 0xC0, no flow label.
        BinaryPrimitives.WriteUInt32BigEndian(packet, 0x6000_0000 | ((uint)InternetworkControl << 20));
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)messageSize);
        packet[6] = (byte)IpProtocol.Vrrp;
        packet[7] = hopLimit;
        advert.Source.Write(packet[8..]);
        advert.Destination.Write(packet[24..]);
    }
}
