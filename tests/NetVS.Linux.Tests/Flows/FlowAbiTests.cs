using System.Runtime.CompilerServices;
using System.Text;
using NetVS.Director.Offload;
using NetVS.Linux.Tests.Native;

namespace NetVS.Linux.Tests.Flows;

/// <summary>bpf/flow.h against its mirror in C#: a C file of assertions, compiled.</summary>
public sealed class FlowAbiTests
{
    [Fact]
    public void StructsAndConstants_AreThoseOfTheHeader()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/cc"), "no C compiler");
        var c = new StringBuilder("#include <stddef.h>\n#include \"flow.h\"\n#define CHECK(x) _Static_assert(x, #x)\n");

        FlowLineV4 v4 = default;
        Field(c, ref v4, ref v4.Version, "flow4", "version");
        Field(c, ref v4, ref v4.Source, "flow4", "source");
        Field(c, ref v4, ref v4.Target, "flow4", "target");
        Field(c, ref v4, ref v4.SourcePort, "flow4", "source_port");
        Field(c, ref v4, ref v4.TargetPort, "flow4", "target_port");
        Field(c, ref v4, ref v4.Protocol, "flow4", "protocol");
        Field(c, ref v4, ref v4.Action, "flow4", "action");
        Field(c, ref v4, ref v4.Hop, "flow4", "hop");
        Field(c, ref v4, ref v4.NewSource, "flow4", "new_source");
        Field(c, ref v4, ref v4.NewTarget, "flow4", "new_target");
        Field(c, ref v4, ref v4.NewSourcePort, "flow4", "new_source_port");
        Field(c, ref v4, ref v4.NewTargetPort, "flow4", "new_target_port");
        Field(c, ref v4, ref v4.State, "flow4", "state");

        FlowLineV6 v6 = default;
        Field(c, ref v6, ref v6.Version, "flow6", "version");
        Field(c, ref v6, ref v6.Source, "flow6", "source");
        Field(c, ref v6, ref v6.Target, "flow6", "target");
        Field(c, ref v6, ref v6.SourcePort, "flow6", "source_port");
        Field(c, ref v6, ref v6.TargetPort, "flow6", "target_port");
        Field(c, ref v6, ref v6.Protocol, "flow6", "protocol");
        Field(c, ref v6, ref v6.Action, "flow6", "action");
        Field(c, ref v6, ref v6.Hop, "flow6", "hop");
        Field(c, ref v6, ref v6.NewSource, "flow6", "new_source");
        Field(c, ref v6, ref v6.NewTarget, "flow6", "new_target");
        Field(c, ref v6, ref v6.NewSourcePort, "flow6", "new_source_port");
        Field(c, ref v6, ref v6.NewTargetPort, "flow6", "new_target_port");
        Field(c, ref v6, ref v6.Zero, "flow6", "zero");
        Field(c, ref v6, ref v6.State, "flow6", "state");

        FlowState state = default;
        Field(c, ref state, ref state.SequenceDelta, "flow_state", "sequence_delta");
        Field(c, ref state, ref state.Counter, "flow_state", "counter");
        Field(c, ref state, ref state.Timeout, "flow_state", "timeout");
        Field(c, ref state, ref state.Report, "flow_state", "report");
        Field(c, ref state, ref state.LastSeen, "flow_state", "last_seen");
        Field(c, ref state, ref state.Connection, "flow_state", "connection");
        Field(c, ref state, ref state.Pair, "flow_state", "pair");
        Field(c, ref state, ref state.Packets, "flow_state", "packets");
        Field(c, ref state, ref state.Overflow, "flow_state", "overflow");
        Field(c, ref state, ref state.Worker, "flow_state", "worker");
        Field(c, ref state, ref state.IpMtu, "flow_state", "ip_mtu");

        FlowHop hop = default;
        Field(c, ref hop, ref hop.Version, "flow_hop", "version");
        Field(c, ref hop, ref hop.InterfaceIndex, "flow_hop", "ifindex");
        Offset(c, ref hop, ref hop.Macs, "flow_hop", "target");
        c.Append($"CHECK(offsetof(struct flow_hop, source) == offsetof(struct flow_hop, target) + {Unsafe.SizeOf<FlowMacs>() / 2});\n");
        Field(c, ref hop, ref hop.Vlan, "flow_hop", "vlan");
        Field(c, ref hop, ref hop.Flags, "flow_hop", "flags");
        Field(c, ref hop, ref hop.Used, "flow_hop", "used");
        Field(c, ref hop, ref hop.Zero, "flow_hop", "zero");

        FlowCounter counter = default;
        Field(c, ref counter, ref counter.InboundPackets, "flow_counter", "inbound_packets");
        Field(c, ref counter, ref counter.InboundOctets, "flow_counter", "inbound_octets");
        Field(c, ref counter, ref counter.OutboundPackets, "flow_counter", "outbound_packets");
        Field(c, ref counter, ref counter.OutboundOctets, "flow_counter", "outbound_octets");
        Field(c, ref counter, ref counter.Withdrawn, "flow_counter", "withdrawn");

        FlowConfig config = default;
        Field(c, ref config, ref config.Layout, "flow_config", "layout");
        Field(c, ref config, ref config.Enabled, "flow_config", "enabled");
        Field(c, ref config, ref config.BucketMaskV4, "flow_config", "bucket_mask4");
        Field(c, ref config, ref config.BucketMaskV6, "flow_config", "bucket_mask6");
        Field(c, ref config, ref config.PlaceMaskV4, "flow_config", "place_mask4");
        Field(c, ref config, ref config.PlaceMaskV6, "flow_config", "place_mask6");
        Field(c, ref config, ref config.CounterSlots, "flow_config", "counter_slots");
        Field(c, ref config, ref config.Heartbeat, "flow_config", "heartbeat");
        Field(c, ref config, ref config.Patience, "flow_config", "patience");
        Field(c, ref config, ref config.FirstHop, "flow_config", "first_hop");
        Field(c, ref config, ref config.Key, "flow_config", "key");

        FlowEvent @event = default;
        Field(c, ref @event, ref @event.Line, "flow_event", "line");
        Field(c, ref @event, ref @event.Version, "flow_event", "version");
        Field(c, ref @event, ref @event.When, "flow_event", "when");
        Field(c, ref @event, ref @event.Family, "flow_event", "family");
        Field(c, ref @event, ref @event.Flags, "flow_event", "flags");

        Constant(c, "FLOW_LAYOUT", FlowAbi.Layout);
        Constant(c, "FLOW_TICK_SHIFT", FlowAbi.TickShift);
        Constant(c, "FLOW_WAYS", FlowAbi.Ways);
        Constant(c, "FLOW_LEVELS", FlowAbi.Levels);
        Constant(c, "FLOW_LEVEL_SHIFT", FlowAbi.LevelShift);
        Constant(c, "FLOW_SMALLEST_LEVEL", FlowAbi.SmallestLevel);
        Constant(c, "FLOW_FREE", FlowAbi.Free);
        Constant(c, "FLOW_BUSY", FlowAbi.Busy);
        Constant(c, "FLOW_LIVE", FlowAbi.Live);
        Constant(c, "FLOW_STATE", FlowAbi.StateMask);
        Constant(c, "FLOW_GENERATION", FlowAbi.Generation);
        Constant(c, "FLOW_KEYS", FlowAbi.Keys);
        Constant(c, "HOP_XDP", FlowAbi.HopXdp);
        Constant(c, "FLOW_REWRITE", (uint)FlowAction.Rewrite);
        Constant(c, "FLOW_DIRECT", (uint)FlowAction.Direct);
        Constant(c, "FLOW_TUNNEL", (uint)FlowAction.Tunnel);
        Constant(c, "FLOW_GRE", (uint)FlowAction.Gre);
        Constant(c, "FLOW_GUE", (uint)FlowAction.Gue);
        Constant(c, "FLOW_KIND", (uint)FlowAction.Kind);
        Constant(c, "FLOW_REPLY", (uint)FlowAction.Reply);
        Constant(c, "FLOW_SHIFT", (uint)FlowAction.Shift);
        Constant(c, "FLOW_OUTER_DF", (uint)FlowAction.OuterDontFragment);
        Constant(c, "FLOW_EVENT_SYN", (uint)FlowEvents.Syn);
        Constant(c, "FLOW_EVENT_FIN", (uint)FlowEvents.Fin);
        Constant(c, "FLOW_EVENT_ACK", (uint)FlowEvents.Ack);
        Constant(c, "FLOW_EVENT_RST", (uint)FlowEvents.Rst);
        CompiledAssertions.Compile(c.ToString());
    }

    private static void Field<T, TField>(StringBuilder c, ref T of, ref TField field, string type, string name)
    {
        c.Append($"CHECK(sizeof(((struct {type} *)0)->{name}) == {Unsafe.SizeOf<TField>()});\n");
        Offset(c, ref of, ref field, type, name);
    }

    private static void Offset<T, TField>(StringBuilder c, ref T of, ref TField field, string type, string name)
    {
        nint offset = Unsafe.ByteOffset(ref Unsafe.As<T, byte>(ref of), ref Unsafe.As<TField, byte>(ref field));
        c.Append($"CHECK(sizeof(struct {type}) == {Unsafe.SizeOf<T>()});\nCHECK(offsetof(struct {type}, {name}) == {offset});\n");
    }

    private static void Constant(StringBuilder c, string name, long value) => c.Append($"CHECK({name} == {value});\n");
}
