namespace NetVS.Keepalived.Model;

/// <summary>A datagram is not refused, or is answered.</summary>
public sealed record UdpCheck : Checker
{
    /// <summary>What is sent; null for the default.</summary>
    public IReadOnlyList<byte>? Payload { get; init; }

    /// <summary>An answer must come.</summary>
    public bool RequiresReply { get; init; }

    /// <summary>The answer's beginning; null for any.</summary>
    public IReadOnlyList<byte>? Reply { get; init; }

    /// <summary>The bits of it that count.</summary>
    public IReadOnlyList<byte>? ReplyMask { get; init; }

    /// <summary>Octets.</summary>
    public int MinReplyLength { get; init; }

    /// <summary>Octets.</summary>
    public int MaxReplyLength { get; init; } = 255;

    /// <inheritdoc/>
    public override string Kind => "UDP_CHECK";
}
