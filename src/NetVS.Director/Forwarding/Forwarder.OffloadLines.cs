// bpf/flow.h: the meaning of each field.

using NetVS.Director.Connections;
using NetVS.Director.Offload;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>What the lines of a connection say: which packets, where to, how changed.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    /// <summary>Whether a connection's ways are good for the program.</summary>
    private enum Ways
    {
        Known,
        Failed,
        Unsuitable,
    }

    private Ways Describe(int handle, ref Connection<TAddress> connection, out Flow<TAddress> request, out Flow<TAddress> reply)
    {
        request = reply = default;
        DirectorOffload offload = _worker.Engine.Offload!;
        if (_sync.IsStandingBy) return Ways.Unsuitable;
        if (handle > DirectorOffload.MaxHandle || connection.DestinationIndex >= offload.Counters.Usable)
            return Ways.Unsuitable;
        if ((connection.Flags & (ConnectionFlags.Template | ConnectionFlags.OnePacket | ConnectionFlags.Helped)) != 0) return Ways.Unsuitable;

        // Without path MTU discovery packets of any size go into an IPv4 tunnel, and what comes out is fragmented.
        bool isTunnel = connection.Method == ForwardingMethod.Tunnel;
        if (isTunnel && ((TFamily.Family == IpFamily.V4 && !_settings.PmtuDisc) || !HasFlowTunnel(in connection))) return Ways.Unsuitable;
        int hop = HopInbound(ref connection, out _);
        if (hop <= 0 || hop >= offload.HopLimit) return hop == HopId.Failed ? Ways.Failed : Ways.Unsuitable;
        request = RequestFlow(handle, in connection, (ushort)hop);
        if (!HasReplyFlow(in connection)) return Ways.Known;
        hop = HopOutbound(ref connection, out _);
        if (hop <= 0 || hop >= offload.HopLimit) return hop == HopId.Failed ? Ways.Failed : Ways.Unsuitable;
        reply = ReplyFlow(handle, in connection, (ushort)hop);
        return Ways.Known;
    }

    // The program knows tunnels of one family, and computes no checksum over a whole packet.
    private bool HasFlowTunnel(in Connection<TAddress> connection)
    {
        DestinationRule rule = _destinations[connection.DestinationIndex].Rule;
        return rule.TunnelChecksum == TunnelChecksum.None && rule.Real.Address.Family == TFamily.Family;
    }

    private void DescribeTunnel(in Connection<TAddress> connection, ref Flow<TAddress> flow)
    {
        DestinationRule rule = _destinations[connection.DestinationIndex].Rule;
        flow.Action = rule.TunnelType switch { TunnelType.Gre => FlowAction.Gre, TunnelType.Gue => FlowAction.Gue, _ => FlowAction.Tunnel };
        if (TFamily.Family == IpFamily.V4) flow.Action |= FlowAction.OuterDontFragment;
        if (rule.TunnelType == TunnelType.Gue)
            flow.SequenceDelta = ((uint)TunnelHeaders.SourcePortOf(FlowHashOf(in connection)) << 16) | rule.TunnelPort;
        flow.NewSource = connection.Local;
        flow.NewTarget = connection.Real;
        flow.NewTargetPort = connection.RealPort;
    }

    private Flow<TAddress> RequestFlow(int handle, in Connection<TAddress> connection, ushort hop)
    {
        Flow<TAddress> flow = CommonFlow(handle, in connection, hop, connection.IpMtuInbound);
        flow.Source = connection.Client;
        flow.SourcePort = connection.ClientPort;
        flow.Target = connection.Virtual;
        flow.TargetPort = connection.VirtualPort;
        switch (connection.Method)
        {
            case ForwardingMethod.DirectRouting or ForwardingMethod.Bypass:
                // The program does not read them; who adopts the flow does.
                flow.Action = FlowAction.Direct;
                flow.NewTarget = connection.Real;
                flow.NewTargetPort = connection.RealPort;
                return flow;
            case ForwardingMethod.Tunnel:
                DescribeTunnel(in connection, ref flow);
                return flow;
            default:
                bool isFullNat = connection.Method == ForwardingMethod.FullNat;
                flow.Action = RewriteOf(in connection);
                flow.NewSource = isFullNat ? connection.Local : connection.Client;
                flow.NewSourcePort = isFullNat ? connection.LocalPort : connection.ClientPort;
                flow.NewTarget = connection.Real;
                flow.NewTargetPort = connection.RealPort;
                return flow;
        }
    }

    private Flow<TAddress> ReplyFlow(int handle, in Connection<TAddress> connection, ushort hop)
    {
        bool isFullNat = connection.Method == ForwardingMethod.FullNat;
        Flow<TAddress> flow = CommonFlow(handle, in connection, hop, connection.IpMtuOutbound);
        flow.Action = RewriteOf(in connection) | FlowAction.Reply;
        flow.Source = connection.Real;
        flow.SourcePort = connection.RealPort;
        flow.Target = isFullNat ? connection.Local : connection.Client;
        flow.TargetPort = isFullNat ? connection.LocalPort : connection.ClientPort;
        flow.NewSource = connection.Virtual;
        flow.NewSourcePort = connection.VirtualPort;
        flow.NewTarget = connection.Client;
        flow.NewTargetPort = connection.ClientPort;
        return flow;
    }

    private static FlowAction RewriteOf(in Connection<TAddress> connection) =>
        connection.Method == ForwardingMethod.FullNat && connection.Protocol == IpProtocol.Tcp
            ? FlowAction.Rewrite | FlowAction.Shift
            : FlowAction.Rewrite;

    private Flow<TAddress> CommonFlow(int handle, in Connection<TAddress> connection, ushort hop, ushort ipMtu) => new()
    {
        Protocol = connection.Protocol,
        Hop = hop,
        IpMtu = ipMtu,
        SequenceDelta = connection.Method == ForwardingMethod.FullNat ? connection.SequenceDelta : 0,
        Counter = (ushort)connection.DestinationIndex,
        Timeout = TimeoutOf(in connection),
        Connection = ((uint)_worker.Index << 24) | (uint)handle,
        Worker = (byte)_worker.Index,
    };

    private static bool HasReplyFlow(in Connection<TAddress> connection) =>
        connection.Method is ForwardingMethod.Nat or ForwardingMethod.FullNat;
}
