using System.Runtime.InteropServices;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Connections;

/// <summary>One connection: an entry of the <see cref="ConnectionTable{TAddress}"/>'s slab.</summary>
/// <remarks>
/// <para>All numbers are in host order. Layout in octets (IPv4; IPv6 has each address 12 octets longer):</para>
/// <code>
/// IPv4 IPv6  size
///    0    0  4/16  Client           key
///    4   16  4/16  Virtual          key
///    8   32  4/16  Real             target
///   12   48  4/16  Local            target (FULLNAT)
///   16   64     2  ClientPort       key
///   18   66     2  VirtualPort      key
///   20   68     2  RealPort         target
///   22   70     2  LocalPort        target (FULLNAT)
///   24   72     1  Protocol         key
///   25   73     1  Method
///   26   74     1  State
///   27   75     1  FullNatState
///   28   76     4  Flags
///   32   80     4  DestinationIndex
///   36   84     4  Timeout
///   40   88     4  LastSeen         written by every packet
///   44   92     4  InPackets        written by every inbound packet
///   48   96     4  NextHopInbound
///   52  100     4  NextHopOutbound
///   56  104     4  NetworkVersion
///   60  108     2  IpMtuInbound
///   62  110     2  IpMtuOutbound
///   64  112     4  SequenceDelta    --- IPv4: second cache line
///   68  116     4  RealIsn
///   72  120     4  TimerNext
///   76  124     4  TimerPrevious
///   80  128     4  TimerDue
///   84  132     4  FlowInbound
///   88  136     4  HelperSlot
///   92  140     4  Controller
///   96  144     4  ControlledCount
///  100  148     4  Mark
///  104  152     4  FlowOutbound
///  108  156     4  FlowReports
///  112  160     4  FlowPackets
///  116  164     2  FlowBirthInbound
///  118  166     2  FlowBirthOutbound
///  120  168     2  FlowLag
///  122  170     2  FlowPacketsOutbound
///  124  172     4  SyncMark
///  128  176        end: 128 and 192 octets from entry to entry, on cache-line boundaries
/// </code>
/// <para>An established IPv4 packet touches the first cache line only.</para>
/// Thread: the owning worker.
/// </remarks>
/// <typeparam name="TAddress"><see cref="Ipv4Address"/> or <see cref="Ipv6Address"/>.</typeparam>
[StructLayout(LayoutKind.Sequential)]
internal struct Connection<TAddress>
    where TAddress : unmanaged
{
    /// <summary>CIP.</summary>
    public TAddress Client;

    /// <summary>VIP.</summary>
    public TAddress Virtual;

    /// <summary>RIP: where packets of the client go.</summary>
    public TAddress Real;

    /// <summary>LIP: FULLNAT's source address towards the real server; zero otherwise.</summary>
    public TAddress Local;

    /// <summary>The client's port.</summary>
    public ushort ClientPort;

    /// <summary>The port of the virtual address.</summary>
    public ushort VirtualPort;

    /// <summary>The port of the real server.</summary>
    public ushort RealPort;

    /// <summary>FULLNAT's source port towards the real server; 0 otherwise.</summary>
    public ushort LocalPort;

    /// <summary>TCP, UDP or SCTP.</summary>
    public IpProtocol Protocol;

    /// <summary>The forwarding method, as it was when the connection was made.</summary>
    public ForwardingMethod Method;

    /// <summary>The number of the protocol's state (<c>TcpState</c> for TCP; 0 for UDP).</summary>
    public byte State;

    /// <summary>What is known of its sequence numbers; the meaning of the bits is the FullNat folder's.</summary>
    public byte FullNatState;

    /// <summary>What is true of the connection.</summary>
    public ConnectionFlags Flags;

    /// <summary>The real server in its service: index into the destination table, or -1 for none.</summary>
    public int DestinationIndex;

    /// <summary>Seconds after <see cref="LastSeen"/> when the connection expires. Set it through the table.</summary>
    public uint Timeout;

    /// <summary>When the last packet passed, in ticks of the timing wheel, rounded up, modulo 2^32. Set it through the table.</summary>
    public uint LastSeen;

    /// <summary>Packets from the client, modulo 2^32.</summary>
    public uint InPackets;

    /// <summary>Next hop of packets to the real server (an id of the next-hop table); -1 = not looked up.</summary>
    public int NextHopInbound;

    /// <summary>Next hop of packets to the client (an id of the next-hop table); -1 = not looked up.</summary>
    public int NextHopOutbound;

    /// <summary>The version of the network state for which the next hops and MTUs were looked up.</summary>
    public int NetworkVersion;

    /// <summary>The largest IP packet towards the real server, in octets; 65,535 stands for that and more.</summary>
    public ushort IpMtuInbound;

    /// <summary>The largest IP packet towards the client, in octets; 65,535 stands for that and more.</summary>
    public ushort IpMtuOutbound;

    /// <summary>FULLNAT: our initial sequence number less the client's, modulo 2^32. Else, with <c>icmp_seq_window</c>, the number of the client's last segment.</summary>
    public uint SequenceDelta;

    /// <summary>FULLNAT: the real server's initial sequence number. With <c>icmp_seq_window</c> the last number known of the real server's, of FULLNAT once it needs the first no more.</summary>
    public uint RealIsn;

    /// <summary>The next entry of the same timer slot, or of the free list; 0 = none. The table's.</summary>
    public int TimerNext;

    /// <summary>The previous entry of the same timer slot; 0 = this is the first. The table's.</summary>
    public int TimerPrevious;

    /// <summary>The tick at which the timing wheel will look at the entry, at or before its deadline. The table's.</summary>
    public uint TimerDue;

    /// <summary>The flow table's line of packets to the real server, plus one; 0 = none.</summary>
    public int FlowInbound;

    /// <summary>The helper's session that it is the control connection of (<see cref="ConnectionFlags.Helped"/>), or that announced it; of a template, its persistence engine's key; 0 = none.</summary>
    public int HelperSlot;

    /// <summary>The handle of the template that controls this one; 0 = none.</summary>
    public int Controller;

    /// <summary>How many entries this one controls.</summary>
    public int ControlledCount;

    /// <summary>The firewall mark of the service it was scheduled by; 0 = none.</summary>
    public uint Mark;

    /// <summary>The flow table's line of packets to the client, plus one; 0 = none.</summary>
    public int FlowOutbound;

    /// <summary>Reports of the fast path that were processed, modulo 2^24: what the count in both lines must be for all to be known.</summary>
    public uint FlowReports;

    /// <summary>What the count of packets in the inbound line was when it was last added to <see cref="InPackets"/>.</summary>
    public uint FlowPackets;

    /// <summary>The low 16 bits of the inbound line's generation when it was given to this connection: older reports are another's.</summary>
    public ushort FlowBirthInbound;

    /// <summary>The same of the outbound line.</summary>
    public ushort FlowBirthOutbound;

    /// <summary>By how much the lines' count exceeded <see cref="FlowReports"/> (low octet), and when that was noticed (high octet).</summary>
    public ushort FlowLag;

    /// <summary>The low 16 bits of the count of packets in the outbound line when it was last looked at.</summary>
    public ushort FlowPacketsOutbound;

    /// <summary>What other directors were told of it last; see <c>SyncPolicy</c>.</summary>
    public uint SyncMark;
}
