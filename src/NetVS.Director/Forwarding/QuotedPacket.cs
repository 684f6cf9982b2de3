using System.Buffers.Binary;
using NetVS.Director.Protocols;
using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <summary>The packet an ICMP error is about, as far as it is quoted.</summary>
/// <typeparam name="TAddress">The family's address.</typeparam>
internal readonly struct QuotedPacket<TAddress>
    where TAddress : unmanaged
{
    // RFC 792: at least eight octets of the L4 header are quoted.
    private const int LeastL4Length = 8;

    /// <summary>Its shape; offsets count from the quote's beginning.</summary>
    public PacketShape Shape { get; private init; }

    /// <summary>Its source address.</summary>
    public TAddress Source { get; private init; }

    /// <summary>Its destination address.</summary>
    public TAddress Destination { get; private init; }

    /// <summary>Its source port, when <see cref="HasPorts"/>.</summary>
    public ushort SourcePort { get; private init; }

    /// <summary>Its destination port, when <see cref="HasPorts"/>.</summary>
    public ushort DestinationPort { get; private init; }

    /// <summary>Whether it is TCP, UDP or SCTP and quoted far enough.</summary>
    public bool HasPorts { get; private init; }

    /// <summary>Reads what is quoted behind the IP header.</summary>
    public static QuotedPacket<TAddress> Read(ReadOnlySpan<byte> quote, in PacketShape shape, TAddress source, TAddress destination)
    {
        bool hasPorts = ProtocolStates.HasPorts(shape.Protocol) && shape.L4Length >= LeastL4Length;
        uint ports = hasPorts ? BinaryPrimitives.ReadUInt32BigEndian(quote[shape.L4Offset..]) : 0;
        return new QuotedPacket<TAddress>
        {
            Shape = shape,
            Source = source,
            Destination = destination,
            SourcePort = (ushort)(ports >> 16),
            DestinationPort = unchecked((ushort)ports),
            HasPorts = hasPorts,
        };
    }
}
