using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <summary>Who sent a segment to whom, and its numbers, host order. Lengths in octets.</summary>
internal readonly struct TcpSegmentNumbers<TAddress>
    where TAddress : unmanaged
{
    /// <summary>The sender.</summary>
    public TAddress Source { get; init; }

    /// <summary>The receiver.</summary>
    public TAddress Target { get; init; }

    /// <summary>The sender's port.</summary>
    public ushort SourcePort { get; init; }

    /// <summary>The receiver's port.</summary>
    public ushort TargetPort { get; init; }

    /// <summary>The number of its first octet, or of its SYN.</summary>
    public uint Sequence { get; init; }

    /// <summary>What the sender expects next; only with ACK.</summary>
    public uint Acknowledgment { get; init; }

    /// <summary>Its control bits.</summary>
    public TcpFlags Flags { get; init; }

    /// <summary>Octets of text.</summary>
    public uint Length { get; init; }

    /// <summary>Whether <see cref="Acknowledgment"/> means anything.</summary>
    public bool HasAcknowledgment => (Flags & TcpFlags.Ack) != 0;

    /// <summary>The number of a reset to the sender.</summary>
    public uint ResetNumber => HasAcknowledgment ? Acknowledgment : 0;

    /// <summary>What a reset to the sender acknowledges; null where its number says all.</summary>
    public uint? ResetAcknowledgment => HasAcknowledgment
        ? null
        : unchecked(Sequence + Length + ((Flags & TcpFlags.Syn) != 0 ? 1u : 0) + ((Flags & TcpFlags.Fin) != 0 ? 1u : 0));
}
