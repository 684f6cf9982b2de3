using NetVS.Packets;

namespace NetVS.Director.Offload;

/// <summary>One direction of a connection as the fast path is to forward it: what a line of the flow table says.</summary>
/// <remarks>Byte order: host. What moves while a line is in force (counts, last seen, reports) is not part of it.</remarks>
internal struct Flow<TAddress>
    where TAddress : unmanaged
{
    /// <summary>The packets' source address.</summary>
    public TAddress Source;

    /// <summary>The packets' destination address.</summary>
    public TAddress Target;

    /// <summary>What becomes their source address; a tunnel's outer one.</summary>
    public TAddress NewSource;

    /// <summary>What becomes their destination address; a tunnel's outer one.</summary>
    public TAddress NewTarget;

    /// <summary>The packets' source port.</summary>
    public ushort SourcePort;

    /// <summary>The packets' destination port.</summary>
    public ushort TargetPort;

    /// <summary>What becomes their source port.</summary>
    public ushort NewSourcePort;

    /// <summary>What becomes their destination port.</summary>
    public ushort NewTargetPort;

    /// <summary>TCP or UDP.</summary>
    public IpProtocol Protocol;

    /// <summary>What is done.</summary>
    public FlowAction Action;

    /// <summary>The next hop's id.</summary>
    public ushort Hop;

    /// <summary>The largest IP packet, for tunnels the largest inner one.</summary>
    public ushort IpMtu;

    /// <summary>FULLNAT: what is added to request sequence numbers. GUE: UDP's source port and, in the low half, destination port.</summary>
    public uint SequenceDelta;

    /// <summary>The destination's slot in the counters.</summary>
    public ushort Counter;

    /// <summary>Seconds after the last packet when the flow ends if no director lives.</summary>
    public ushort Timeout;

    /// <summary>Worker (high 8 bits) and handle (low 24).</summary>
    public uint Connection;

    /// <summary>The ring that reports go to.</summary>
    public byte Worker;
}
