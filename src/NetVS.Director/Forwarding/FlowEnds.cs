using NetVS.Director.Protocols;
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

    /// <summary>TCP, UDP or SCTP.</summary>
    public IpProtocol Protocol { get; init; }

    /// <summary>
    /// TCP's flags; none for UDP and later fragments. Of SCTP, Syn for what begins with INIT and Rst for ABORT, so that what opens and what resets is
    /// one question.
    /// </summary>
    public TcpFlags Flags { get; init; }

    /// <summary>What an SCTP packet means to its state machine.</summary>
    public SctpEvent SctpEvent { get; init; }

    /// <summary>Whether the packet carries an L4 header: false for a later fragment.</summary>
    public bool HasL4 { get; init; }

    /// <summary>Whether a packet opens a connection: TCP's SYN, ACK ignored, SCTP's INIT (reference §4.2, step 8).</summary>
    public bool IsOpening => (Flags & TcpFlags.Syn) != 0;
}
