// bpf/flow.h: read it first. The structs here mirror it octet for octet; a test compares sizes and offsets.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NetVS.Director.Offload;

/// <summary>Constants of bpf/flow.h.</summary>
internal static class FlowAbi
{
    /// <summary>FLOW_LAYOUT: changes with any change of the shared structs.</summary>
    public const uint Layout = 3;

    /// <summary>FLOW_TICK_SHIFT: a tick is 2^27 ns.</summary>
    public const int TickShift = 27;

    /// <summary>FLOW_WAYS: lines of a bucket.</summary>
    public const int Ways = 4;

    /// <summary>FLOW_LEVELS: masks by which a flow's bucket may be found.</summary>
    public const int Levels = 3;

    /// <summary>FLOW_LEVEL_SHIFT: bits that a level's mask has less than the next larger one's.</summary>
    public const int LevelShift = 4;

    /// <summary>FLOW_SMALLEST_LEVEL: no level's mask is smaller, but the largest level's.</summary>
    public const uint SmallestLevel = 1023;

    /// <summary>FLOW_FREE, in the low two bits of a line's version.</summary>
    public const uint Free = 0;

    /// <summary>FLOW_BUSY.</summary>
    public const uint Busy = 1;

    /// <summary>FLOW_LIVE.</summary>
    public const uint Live = 2;

    /// <summary>FLOW_STATE: the bits of the three above.</summary>
    public const uint StateMask = 3;

    /// <summary>FLOW_GENERATION: one generation of a version.</summary>
    public const uint Generation = 4;

    /// <summary>FLOW_QUIET: the bits of a report word that are the quiet mask.</summary>
    public const uint QuietMask = 0x0F;

    /// <summary>Where the state of a TCP connection stands in a report word: four bits.</summary>
    public const int ReportedStateShift = 4;

    /// <summary>One report, in a report word.</summary>
    public const uint OneReport = 0x100;

    /// <summary>Where the count of reports ends: 24 bits.</summary>
    public const uint MostReports = 0xFF_FFFF;

    /// <summary>HOP_XDP: the device sends frames that XDP redirects to it.</summary>
    public const ushort HopXdp = 1;

    /// <summary>FLOW_KEYS: words of the hash's key.</summary>
    public const int Keys = 11;
}

/// <summary>The octet <c>action</c> of a line: what is done in the low four bits, flags above.</summary>
[Flags]
internal enum FlowAction : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>FLOW_REWRITE: both ends are replaced.</summary>
    Rewrite = 1,

    /// <summary>FLOW_DIRECT: only the Ethernet header changes.</summary>
    Direct = 2,

    /// <summary>FLOW_TUNNEL: IPIP or IP6IP6.</summary>
    Tunnel = 3,

    /// <summary>FLOW_GRE: as <see cref="Tunnel"/>, with a GRE header without a checksum.</summary>
    Gre = 4,

    /// <summary>FLOW_GUE: as <see cref="Tunnel"/>, with UDP and GUE, without a checksum.</summary>
    Gue = 5,

    /// <summary>FLOW_KIND: the bits of those above.</summary>
    Kind = 0x0F,

    /// <summary>FLOW_REPLY: from the real server.</summary>
    Reply = 0x10,

    /// <summary>FLOW_SHIFT: FULLNAT over TCP, numbers are shifted.</summary>
    Shift = 0x20,

    /// <summary>FLOW_OUTER_DF: the outer header has DF where the inner one has.</summary>
    OuterDontFragment = 0x40,
}

/// <summary>Events as bits of a quiet mask (FLOW_EVENT_*).</summary>
[Flags]
internal enum FlowEvents : byte
{
    /// <summary>None: everything is reported.</summary>
    None = 0,

    /// <summary>SYN.</summary>
    Syn = 1,

    /// <summary>FIN.</summary>
    Fin = 2,

    /// <summary>Of RST, SYN, FIN and ACK only ACK.</summary>
    Ack = 4,

    /// <summary>RST.</summary>
    Rst = 8,
}

/// <summary>struct flow_state.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FlowState
{
    /// <summary>FULLNAT: what is added to request sequence numbers. <see cref="FlowAction.Gue"/>: UDP's source port and, in the low half, destination port. Host order.</summary>
    public uint SequenceDelta;

    /// <summary>The destination's slot in the counters.</summary>
    public ushort Counter;

    /// <summary>Seconds after <see cref="LastSeen"/> when a flow without a living director ends.</summary>
    public ushort Timeout;

    /// <summary>Quiet mask and count of reports. Written by both sides: compare-and-exchange only.</summary>
    public uint Report;

    /// <summary>When the last packet passed, in flow ticks. Written by the program.</summary>
    public uint LastSeen;

    /// <summary>Worker (high 8 bits) and handle (low 24).</summary>
    public uint Connection;

    /// <summary>The other direction's line plus one; 0 = none.</summary>
    public uint Pair;

    /// <summary>Packets, modulo 2^32. Written by the program.</summary>
    public uint Packets;

    /// <summary>Of a bucket's first line: flows of this first bucket that are in their second one. Not part of a flow.</summary>
    public byte Overflow;

    /// <summary>The ring that reports go to.</summary>
    public byte Worker;

    /// <summary>The largest IP packet this way; 65,535 stands for that and more.</summary>
    public ushort IpMtu;
}

/// <summary>struct flow4: addresses and ports in network order, as a load from the packet gives them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FlowLineV4
{
    /// <summary>Free, busy or live, and the generation.</summary>
    public uint Version;

    /// <summary>The packet's source address.</summary>
    public uint Source;

    /// <summary>The packet's destination address.</summary>
    public uint Target;

    /// <summary>The packet's source port.</summary>
    public ushort SourcePort;

    /// <summary>The packet's destination port.</summary>
    public ushort TargetPort;

    /// <summary>TCP or UDP.</summary>
    public byte Protocol;

    /// <summary>What is done.</summary>
    public FlowAction Action;

    /// <summary>The next hop's id; 0 = none.</summary>
    public ushort Hop;

    /// <summary>The new source address.</summary>
    public uint NewSource;

    /// <summary>The new destination address.</summary>
    public uint NewTarget;

    /// <summary>The new source port.</summary>
    public ushort NewSourcePort;

    /// <summary>The new destination port.</summary>
    public ushort NewTargetPort;

    /// <summary>What both families have.</summary>
    public FlowState State;
}

/// <summary>Sixteen octets of an IPv6 address as they stand in the packet, by words.</summary>
[InlineArray(4)]
internal struct FlowAddressV6
{
    private uint _first;
}

/// <summary>struct flow6.</summary>
[StructLayout(LayoutKind.Sequential, Size = 128)]
internal struct FlowLineV6
{
    /// <summary>Free, busy or live, and the generation.</summary>
    public uint Version;

    /// <summary>The packet's source address.</summary>
    public FlowAddressV6 Source;

    /// <summary>The packet's destination address.</summary>
    public FlowAddressV6 Target;

    /// <summary>The packet's source port.</summary>
    public ushort SourcePort;

    /// <summary>The packet's destination port.</summary>
    public ushort TargetPort;

    /// <summary>TCP or UDP.</summary>
    public byte Protocol;

    /// <summary>What is done.</summary>
    public FlowAction Action;

    /// <summary>The next hop's id; 0 = none.</summary>
    public ushort Hop;

    /// <summary>The new source address.</summary>
    public FlowAddressV6 NewSource;

    /// <summary>The new destination address.</summary>
    public FlowAddressV6 NewTarget;

    /// <summary>The new source port.</summary>
    public ushort NewSourcePort;

    /// <summary>The new destination port.</summary>
    public ushort NewTargetPort;

    /// <summary>Nothing.</summary>
    public uint Zero;

    /// <summary>What both families have.</summary>
    public FlowState State;
}

/// <summary>struct flow_hop.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FlowHop
{
    /// <summary>Odd while it is written.</summary>
    public uint Version;

    /// <summary>The device to send on; 0: not usable.</summary>
    public uint InterfaceIndex;

    /// <summary>Destination MAC, then source MAC.</summary>
    public FlowMacs Macs;

    /// <summary>The VLAN id; 0 = untagged.</summary>
    public ushort Vlan;

    /// <summary><see cref="FlowAbi.HopXdp"/> or 0.</summary>
    public ushort Flags;

    /// <summary>When a packet last left by it, in flow ticks. Written by the program.</summary>
    public uint Used;

    /// <summary>Nothing.</summary>
    public uint Zero;
}

/// <summary>Two MACs.</summary>
[InlineArray(12)]
internal struct FlowMacs
{
    private byte _first;
}

/// <summary>struct flow_counter: what one CPU has counted for one destination.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct FlowCounter
{
    /// <summary>Packets from clients.</summary>
    public ulong InboundPackets;

    /// <summary>Octets of their IP packets.</summary>
    public ulong InboundOctets;

    /// <summary>Packets from the real server.</summary>
    public ulong OutboundPackets;

    /// <summary>Octets of their IP packets.</summary>
    public ulong OutboundOctets;

    /// <summary>Not 0: the destination is gone. Written by the director.</summary>
    public ulong Withdrawn;
}

/// <summary>struct flow_config.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FlowConfig
{
    /// <summary><see cref="FlowAbi.Layout"/>.</summary>
    public uint Layout;

    /// <summary>0: no packet is looked up.</summary>
    public uint Enabled;

    /// <summary>IPv4 buckets less one.</summary>
    public uint BucketMaskV4;

    /// <summary>IPv6 buckets less one.</summary>
    public uint BucketMaskV6;

    /// <summary>The mask by which new IPv4 flows are placed.</summary>
    public uint PlaceMaskV4;

    /// <summary>The mask by which new IPv6 flows are placed.</summary>
    public uint PlaceMaskV6;

    /// <summary>Destinations that are counted, per CPU.</summary>
    public uint CounterSlots;

    /// <summary>When the director last lived, in flow ticks.</summary>
    public uint Heartbeat;

    /// <summary>Flow ticks without a heartbeat after which the director is taken for dead.</summary>
    public uint Patience;

    /// <summary>The first id of the next hops that the last director used; 0 before the first.</summary>
    public uint FirstHop;

    /// <summary>The hash's key.</summary>
    public FlowKey Key;
}

/// <summary>The hash's key.</summary>
[InlineArray(FlowAbi.Keys)]
internal struct FlowKey
{
    private ulong _first;
}

/// <summary>struct flow_event: a report of the program's.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FlowEvent
{
    /// <summary>The line: bucket times ways plus way.</summary>
    public uint Line;

    /// <summary>The line's version when the packet passed.</summary>
    public uint Version;

    /// <summary>When, in flow ticks.</summary>
    public uint When;

    /// <summary>4 or 6.</summary>
    public byte Family;

    /// <summary>TCP's octet of CWR to FIN.</summary>
    public byte Flags;

    /// <summary>Nothing.</summary>
    public ushort Zero;
}
