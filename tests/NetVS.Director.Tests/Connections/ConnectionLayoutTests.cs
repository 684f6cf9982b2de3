using System.Runtime.CompilerServices;
using NetVS.Director.Connections;
using NetVS.Packets;

namespace NetVS.Director.Tests.Connections;

/// <summary>The table of offsets above <see cref="Connection{TAddress}"/>, asserted.</summary>
public sealed class ConnectionLayoutTests
{
    /// <summary>Every field in order: the offset for IPv4, the offset for IPv6.</summary>
    private static readonly (string Name, int V4, int V6)[] s_layout =
    [
        ("Client", 0, 0), ("Virtual", 4, 16), ("Real", 8, 32), ("Local", 12, 48),
        ("ClientPort", 16, 64), ("VirtualPort", 18, 66), ("RealPort", 20, 68), ("LocalPort", 22, 70),
        ("Protocol", 24, 72), ("Method", 25, 73), ("State", 26, 74), ("FullNatState", 27, 75), ("Flags", 28, 76),
        ("DestinationIndex", 32, 80), ("Timeout", 36, 84), ("LastSeen", 40, 88), ("InPackets", 44, 92),
        ("NextHopInbound", 48, 96), ("NextHopOutbound", 52, 100), ("NetworkVersion", 56, 104),
        ("IpMtuInbound", 60, 108), ("IpMtuOutbound", 62, 110),
        ("SequenceDelta", 64, 112), ("RealIsn", 68, 116), ("TimerNext", 72, 120), ("TimerPrevious", 76, 124), ("TimerDue", 80, 128),
        ("FlowInbound", 84, 132), ("HelperSlot", 88, 136), ("Controller", 92, 140), ("ControlledCount", 96, 144), ("Mark", 100, 148),
        ("FlowOutbound", 104, 152), ("FlowReports", 108, 156), ("FlowPackets", 112, 160), ("FlowBirthInbound", 116, 164),
        ("FlowBirthOutbound", 118, 166), ("FlowLag", 120, 168), ("FlowPacketsOutbound", 122, 170), ("SyncMark", 124, 172),
    ];

    [Fact]
    public void Ipv4_FieldsStandWhereDocumented() =>
        OffsetsOf<Ipv4Address>().ShouldBe(s_layout.Select(f => (f.Name, f.V4)));

    [Fact]
    public void Ipv6_FieldsStandWhereDocumented() =>
        OffsetsOf<Ipv6Address>().ShouldBe(s_layout.Select(f => (f.Name, f.V6)));

    [Fact]
    public void EveryField_IsInTheLayout() =>
        typeof(Connection<Ipv4Address>).GetFields().Select(f => f.Name).ShouldBe(s_layout.Select(f => f.Name));

    [Fact]
    public void Ipv4_Size_IsAtMost128Octets() => Unsafe.SizeOf<Connection<Ipv4Address>>().ShouldBe(128);

    [Fact]
    public void Ipv6_Size_IsAtMost192Octets() => Unsafe.SizeOf<Connection<Ipv6Address>>().ShouldBe(176);

    private static List<(string Name, int Offset)> OffsetsOf<TAddress>()
        where TAddress : unmanaged
    {
        var c = default(Connection<TAddress>);
        var offsets = new List<(string, int)>();
        Add("Client", ref c.Client);
        Add("Virtual", ref c.Virtual);
        Add("Real", ref c.Real);
        Add("Local", ref c.Local);
        Add("ClientPort", ref c.ClientPort);
        Add("VirtualPort", ref c.VirtualPort);
        Add("RealPort", ref c.RealPort);
        Add("LocalPort", ref c.LocalPort);
        Add("Protocol", ref c.Protocol);
        Add("Method", ref c.Method);
        Add("State", ref c.State);
        Add("FullNatState", ref c.FullNatState);
        Add("Flags", ref c.Flags);
        Add("DestinationIndex", ref c.DestinationIndex);
        Add("Timeout", ref c.Timeout);
        Add("LastSeen", ref c.LastSeen);
        Add("InPackets", ref c.InPackets);
        Add("NextHopInbound", ref c.NextHopInbound);
        Add("NextHopOutbound", ref c.NextHopOutbound);
        Add("NetworkVersion", ref c.NetworkVersion);
        Add("IpMtuInbound", ref c.IpMtuInbound);
        Add("IpMtuOutbound", ref c.IpMtuOutbound);
        Add("SequenceDelta", ref c.SequenceDelta);
        Add("RealIsn", ref c.RealIsn);
        Add("TimerNext", ref c.TimerNext);
        Add("TimerPrevious", ref c.TimerPrevious);
        Add("TimerDue", ref c.TimerDue);
        Add("FlowInbound", ref c.FlowInbound);
        Add("HelperSlot", ref c.HelperSlot);
        Add("Controller", ref c.Controller);
        Add("ControlledCount", ref c.ControlledCount);
        Add("Mark", ref c.Mark);
        Add("FlowOutbound", ref c.FlowOutbound);
        Add("FlowReports", ref c.FlowReports);
        Add("FlowPackets", ref c.FlowPackets);
        Add("FlowBirthInbound", ref c.FlowBirthInbound);
        Add("FlowBirthOutbound", ref c.FlowBirthOutbound);
        Add("FlowLag", ref c.FlowLag);
        Add("FlowPacketsOutbound", ref c.FlowPacketsOutbound);
        Add("SyncMark", ref c.SyncMark);
        return offsets;

        void Add<TField>(string name, ref TField field) => offsets.Add(
            (name, (int)Unsafe.ByteOffset(ref Unsafe.As<Connection<TAddress>, byte>(ref c), ref Unsafe.As<TField, byte>(ref field))));
    }
}
