using NetVS.Packets;
using NetVS.Packets.Headers;

namespace NetVS.Director.Forwarding;

/// <summary>Both ends of the flow a packet belongs to, as the packet carries them, and what its L4 header says.</summary>
/// <remarks>Byte order: host. Of a later fragment the ports are those of its datagram's first one, and there are no flags.</remarks>
internal readonly struct FlowEnds<TAddress>
    where TAddress : unmanaged, IEquatable<TAddress>
{
    /// <summary>The sender.</summary>
    public TAddress Source { get; init; }

    /// <summary>The receiver.</summary>
    public TAddress Destination { get; init; }

    /// <summary>The sender's port.</summary>
    public ushort SourcePort { get; init; }

    /// <summary>The receiver's port.</summary>
    public ushort DestinationPort { get; init; }

    /// <summary>TCP or UDP.</summary>
    public IpProtocol Protocol { get; init; }

    /// <summary>TCP's flags; none for other protocols and later fragments.</summary>
    public TcpFlags Flags { get; init; }

    /// <summary>Whether the packet carries an L4 header: false for a later fragment.</summary>
    public bool HasL4 { get; init; }

    /// <summary>Whether a TCP segment opens a connection: SYN, ACK ignored (reference §4.2, step 8).</summary>
    public bool IsOpening => (Flags & TcpFlags.Syn) != 0;
}
