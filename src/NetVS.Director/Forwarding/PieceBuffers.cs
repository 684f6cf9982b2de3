using NetVS.Packets;

namespace NetVS.Director.Forwarding;

/// <summary>A worker's room for packets that become several: a segment, and the fragments it may become in turn.</summary>
/// <remarks>Thread: the worker's. Made when first needed, then kept.</remarks>
internal sealed class PieceBuffers
{
    // The largest IP packet, behind Ethernet with two tags, with room to grow at the front.
    private const int Room = Packet.Headroom + 22 + ushort.MaxValue;

    /// <summary>For a segment.</summary>
    public byte[] Segment { get; } = new byte[Room];

    /// <summary>For a fragment.</summary>
    public byte[] First { get; } = new byte[Room];

    /// <summary>For another fragment.</summary>
    public byte[] Second { get; } = new byte[Room];
}
