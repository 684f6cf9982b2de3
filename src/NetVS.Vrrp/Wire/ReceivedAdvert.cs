using System.Runtime.InteropServices;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Vrrp.Wire;

/// <summary>A packet of VRRP as it came: borrowed octets and what its IP header said.</summary>
/// <remarks>Trusted for this only: the message has its eight fixed octets, the authentication header, if any, its 24.</remarks>
public readonly ref struct ReceivedAdvert
{
    private ReceivedAdvert(IpAddress source, IpAddress destination, byte ttl, ReadOnlySpan<byte> message)
    {
        Source = source;
        Destination = destination;
        Ttl = ttl;
        Message = message;
    }

    /// <summary>Who sent it.</summary>
    public IpAddress Source { get; }

    /// <summary>Where it was sent to.</summary>
    public IpAddress Destination { get; }

    /// <summary>Time to live, or hop limit, on arrival.</summary>
    public byte Ttl { get; }

    /// <summary>The VRRP message.</summary>
    public ReadOnlySpan<byte> Message { get; }

    /// <summary>IPv4: the whole packet, which the authentication header covers.</summary>
    public ReadOnlySpan<byte> Packet { get; private init; }

    /// <summary>IPv4: the authentication header, or empty.</summary>
    public ReadOnlySpan<byte> AuthenticationHeader { get; private init; }

    /// <summary>IPv4: the total length the header tells differs from what was received.</summary>
    public bool IsLengthWrong { get; private init; }

    /// <summary>The virtual router id.</summary>
    public byte RouterId => Message[1];

    /// <summary>Whether it was sent to a multicast group.</summary>
    public bool IsMulticast => Destination.IsMulticast;

    /// <summary>Reads an IPv4 packet, with or without an authentication header.</summary>
    /// <param name="packet">From the IP header to what was received last.</param>
    /// <param name="advert">What it says.</param>
    /// <returns>False where a header lies about its length or is of another protocol.</returns>
    public static bool TryReadIpv4(ReadOnlySpan<byte> packet, out ReceivedAdvert advert)
    {
        advert = default;
        if (packet.Length < Ipv4Header.Size) return false;
        ref readonly Ipv4Header header = ref MemoryMarshal.AsRef<Ipv4Header>(packet);
        int at = header.HeaderLength;
        if (header.Version != 4 || at < Ipv4Header.Size || at > packet.Length || header.IsFragment) return false;
        ReadOnlySpan<byte> authentication = default;
        if (header.Protocol == IpProtocol.Ah)
        {
            if (packet.Length - at < Wire.AuthenticationHeader.Size || packet[at] != (byte)IpProtocol.Vrrp) return false;
            authentication = packet.Slice(at, Wire.AuthenticationHeader.Size);
            at += Wire.AuthenticationHeader.Size;
        }
        else if (header.Protocol != IpProtocol.Vrrp)
        {
            return false;
        }

        if (packet.Length - at < VrrpMessage.HeaderSize) return false;
        advert = new ReceivedAdvert(header.SourceAddress.Host, header.DestinationAddress.Host, header.Ttl, packet[at..])
        {
            Packet = packet,
            AuthenticationHeader = authentication,
            IsLengthWrong = header.TotalLength.Host != packet.Length,
        };
        return true;
    }

    /// <summary>Takes what a raw IPv6 socket delivers: the message without the IP header.</summary>
    /// <returns>False where the message has not even its fixed part.</returns>
    public static bool TryReadIpv6(Ipv6Address source, Ipv6Address destination, byte hopLimit, ReadOnlySpan<byte> message, out ReceivedAdvert advert)
    {
        advert = default;
        if (message.Length < VrrpMessage.HeaderSize) return false;
        advert = new ReceivedAdvert(source, destination, hopLimit, message);
        return true;
    }
}
