using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <summary>What a quoted packet becomes on the other side of the director. Begins as the quote itself.</summary>
/// <typeparam name="TAddress">The family's address.</typeparam>
internal struct QuoteRewrite<TAddress>
    where TAddress : unmanaged
{
    private const int AcknowledgmentEnd = 12;

    /// <summary>Changes nothing yet.</summary>
    public QuoteRewrite(in QuotedPacket<TAddress> quoted)
    {
        Source = quoted.Source;
        Destination = quoted.Destination;
        SourcePort = quoted.SourcePort;
        DestinationPort = quoted.DestinationPort;
    }

    /// <summary>The source address.</summary>
    public TAddress Source { get; set; }

    /// <summary>The destination address.</summary>
    public TAddress Destination { get; set; }

    /// <summary>The source port.</summary>
    public ushort SourcePort { get; set; }

    /// <summary>The destination port.</summary>
    public ushort DestinationPort { get; set; }

    /// <summary>What is added to TCP's sequence number, modulo 2^32.</summary>
    public uint SequenceShift { get; set; }

    /// <summary>What is added to TCP's acknowledgment number, modulo 2^32, where the quote reaches that far.</summary>
    public uint AcknowledgmentShift { get; set; }

    /// <summary>Rewrites the L4 header.</summary>
    /// <param name="l4">At least eight octets of it.</param>
    /// <param name="protocol">TCP or UDP.</param>
    /// <returns>What changed, for the quoted checksum.</returns>
    public readonly ChecksumDelta ApplyTo(Span<byte> l4, IpProtocol protocol)
    {
        ref U16Be sourcePort = ref WireView.At<U16Be>(l4, 0);
        ref U16Be destinationPort = ref WireView.At<U16Be>(l4, 2);
        ChecksumDelta delta = ChecksumDelta.Replace(sourcePort.Host, SourcePort) + ChecksumDelta.Replace(destinationPort.Host, DestinationPort);
        sourcePort.Host = SourcePort;
        destinationPort.Host = DestinationPort;
        if (protocol != IpProtocol.Tcp) return delta;
        delta += Shift(ref WireView.At<U32Be>(l4, 4), SequenceShift);
        return l4.Length < AcknowledgmentEnd ? delta : delta + Shift(ref WireView.At<U32Be>(l4, 8), AcknowledgmentShift);
    }

    private static ChecksumDelta Shift(ref U32Be field, uint shift)
    {
        uint old = field.Host;
        field.Host = unchecked(old + shift);
        return ChecksumDelta.Replace(old, field.Host);
    }
}
