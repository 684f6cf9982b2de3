using NetVS.Packets;

namespace NetVS.Director.Services;

/// <summary>What a scheduler may look at when it chooses: the first packet's addresses and the time.</summary>
/// <remarks>Byte order: host. For a packet scheduled from an ICMP error these are the embedded packet's, from the client's side.</remarks>
internal readonly struct SchedulingRequest
{
    /// <summary>CIP.</summary>
    public IpAddress Client { get; init; }

    /// <summary>The client's port, host order.</summary>
    public ushort ClientPort { get; init; }

    /// <summary>The address the packet was sent to: the VIP, or for a mark service any address.</summary>
    public IpAddress Virtual { get; init; }

    /// <summary>The port the packet was sent to, host order.</summary>
    public ushort VirtualPort { get; init; }

    /// <summary>The transport protocol.</summary>
    public IpProtocol Protocol { get; init; }

    /// <summary>The time of the packet.</summary>
    public MonotonicTime Now { get; init; }
}
