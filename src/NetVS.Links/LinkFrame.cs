using NetVS.Packets;

namespace NetVS.Links;

/// <summary>One frame between a link and who handles it: the octets with room around them, and where the room came from.</summary>
/// <remarks>
/// Thread: the worker that received it. The buffer is borrowed: until the handler returns, or, when <see cref="IsStable"/>, until the
/// receiving link's <see cref="ILink.Release"/>.
/// </remarks>
public ref struct LinkFrame
{
    /// <summary>Octets that every link leaves free before a received frame.</summary>
    public const int Headroom = 128;

    /// <summary>The whole room of the frame: headroom, frame, tailroom.</summary>
    public Span<byte> Buffer;

    /// <summary>Where the frame (its Ethernet header) begins in <see cref="Buffer"/>.</summary>
    public int Offset;

    /// <summary>Octets of the frame, Ethernet header included, FCS not.</summary>
    public int Length;

    /// <summary>The index of the device the frame was received on.</summary>
    public int ReceiveInterface;

    /// <summary>The firewall mark the host's packet filter gave the frame before it came here; 0 for none.</summary>
    public uint Mark;

    /// <summary>What is unfinished about the frame.</summary>
    public PacketOffload Offload;

    /// <summary>Whether the octets are native memory that stays as it is until the receiving link's <see cref="ILink.Release"/>.</summary>
    public bool IsStable;

    /// <summary>Set by a link that took the chunk over: the receiving link does not get it back.</summary>
    public bool IsTaken;

    /// <summary>The pool a link may take the chunk from, or null when the frame can only be copied.</summary>
    public object? Pool;

    /// <summary>The chunk within <see cref="Pool"/> that <see cref="Buffer"/> spans.</summary>
    public ulong Chunk;

    /// <summary>The frame's octets.</summary>
    public readonly Span<byte> Octets => Buffer.Slice(Offset, Length);
}
