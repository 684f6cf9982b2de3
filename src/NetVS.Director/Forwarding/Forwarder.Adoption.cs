// bpf/flow.h: what a line says.

using NetVS.Director.Connections;
using NetVS.Director.FullNat;
using NetVS.Director.Helpers;
using NetVS.Director.Offload;
using NetVS.Director.Protocols;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>Connections made from the flows of a director before this one.</content>
/// <remarks>
/// A request's line says nearly all of its connection; its state is in the report word. What it does not say is the number the real server began at
/// (FULLNAT): without it no segment gets the client's address any more, and none needs it. Before the worker is driven.
/// </remarks>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    /// <summary>Whether this worker is the owner of the connection of a request's line.</summary>
    public bool Owns(in Flow<TAddress> request) => OwnerOfClient(request.Protocol, request.Source, request.SourcePort) == _worker.Index;

    /// <summary>Makes the connection of a request's line and puts its lines right.</summary>
    /// <returns>False where the rules know no such connection, or there is no room: nothing has changed, the lines are to be freed.</returns>
    public bool TryAdopt(int line, in Flow<TAddress> request, MonotonicTime now)
    {
        if (FindAdopter(in request) is not { } destination) return false;
        ForwardingMethod method = MethodOf(in request);
        if (method == ForwardingMethod.FullNat &&
            ReserveLocalPort(request.Protocol, request.NewSource, request.NewSourcePort, request.NewTarget, request.NewTargetPort, now) is not null)
            return false;
        var key = new ConnectionKey<TAddress>(request.Protocol, request.Source, request.SourcePort, request.Target, request.TargetPort);
        bool isFullNat = method == ForwardingMethod.FullNat;
        var target = new ConnectionTarget<TAddress>(
            method, request.NewTarget, request.NewTargetPort, destination.Index, isFullNat ? request.NewSource : default,
            isFullNat ? request.NewSourcePort : (ushort)0);
        if (_connections.FindInbound(key.Protocol, key.Client, key.ClientPort, key.Virtual, key.VirtualPort) != 0 ||
            !_connections.TryCreate(in key, in target, now, out int handle))
        {
            if (isFullNat) ReleaseLocalPort(request.Protocol, request.NewSource, request.NewSourcePort, request.NewTarget, request.NewTargetPort, now);
            return false;
        }

        ref Connection<TAddress> connection = ref _connections[handle];
        destination.Bind(isTemplate: false);
        TryCountClient(ref connection, destination.Service, isLimited: false);
        RecallTemplate(ref connection, destination, in request, now);
        Recall(handle, ref connection, destination, line, in request, now);
        TakeLines(handle, ref connection, line, now);
        return true;
    }

    /// <summary>All reports that waited have been taken in: what the lines count is what is known.</summary>
    public void SettleAdopted(MonotonicTime now)
    {
        for (int handle = 1; handle <= _connections.HighestHandle; handle++)
        {
            if (!_connections.IsLive(handle)) continue;
            ref Connection<TAddress> connection = ref _connections[handle];
            if ((connection.Flags & ConnectionFlags.HasFlow) == 0) continue;
            Refit(handle, ref connection, now);
            if ((connection.Flags & ConnectionFlags.HasFlow) == 0 || connection.Protocol != IpProtocol.Tcp) continue;
            connection.FlowReports = Volatile.Read(ref _flows!.StateOf(connection.FlowInbound - 1).Report) / FlowAbi.OneReport;
            if (connection.FlowOutbound != 0) PutCountRight(in connection, connection.FlowOutbound - 1);
            TrySetMasks(in connection);
        }
    }

    private Destination? FindAdopter(in Flow<TAddress> request)
    {
        if (_destinations.Find(request.Counter) is not { IsAvailable: true } destination) return null;
        ServiceKey service = destination.Service.Key;
        bool hasItsPort = service.Port == request.TargetPort;
        ushort port = RealPortOf(destination.Service, destination, request.TargetPort);

        // A data connection that a helper expected; one that a real server began came from any port of its own.
        bool isData = !hasItsPort && MethodOf(in request) == ForwardingMethod.Nat && HelperTable.Find(_settings, request.Protocol, service.Port) != 0;
        bool hasHisPort = port == request.NewTargetPort || (isData && request.TargetPort == service.Port - 1);
        bool isHis = destination.Address == TFamily.ToIpAddress(request.NewTarget) && hasHisPort;
        bool isIts = service.IsMark ? service.Family == TFamily.Family : service.Protocol == request.Protocol && service.Address == TFamily.ToIpAddress(request.Target) &&
            (hasItsPort || isData || destination.Service.HasAnyPort);
        return isHis && isIts ? destination : null;
    }

    private static ForwardingMethod MethodOf(in Flow<TAddress> request) => (request.Action & FlowAction.Kind) switch
    {
        FlowAction.Direct => ForwardingMethod.DirectRouting,
        FlowAction.Tunnel or FlowAction.Gre or FlowAction.Gue => ForwardingMethod.Tunnel,
        _ => request.NewSource.Equals(request.Source) && request.NewSourcePort == request.SourcePort ? ForwardingMethod.Nat : ForwardingMethod.FullNat,
    };

    private void Recall(
        int handle, ref Connection<TAddress> connection, Destination destination, int line, in Flow<TAddress> request, MonotonicTime now)
    {
        ref FlowState state = ref _flows!.StateOf(line);
        connection.InPackets = connection.FlowPackets = Volatile.Read(ref state.Packets);
        uint timeout = _timeouts.OfUdp(destination.Timeouts);
        if (request.Protocol == IpProtocol.Tcp)
        {
            uint reported = Volatile.Read(ref state.Report);
            connection.FlowReports = reported / FlowAbi.OneReport;
            byte known = (byte)((reported >> FlowAbi.ReportedStateShift) & 0xF);
            connection.State = known < TcpStateMachine.StateCount ? known : (byte)TcpState.Established;
            if (TcpStateMachine.IsActive((TcpState)connection.State))
            {
                connection.Flags &= ~ConnectionFlags.Inactive;
                destination.BecomeActive();
            }

            timeout = _timeouts.OfTcp((TcpState)connection.State, destination.Timeouts);
            if (connection.Method == ForwardingMethod.FullNat)
            {
                connection.SequenceDelta = request.SequenceDelta;
                connection.FullNatState = (byte)(FullNatFlags.HasSequenceDelta | FullNatFlags.HasAcknowledged);
            }
        }

        uint seen = Volatile.Read(ref state.LastSeen);
        if (state.Pair != 0 && state.Pair <= (uint)_flows.Length)
        {
            uint other = Volatile.Read(ref _flows.StateOf((int)state.Pair - 1).LastSeen);
            if (FlowTick.IsLater(other, seen)) seen = other;
        }

        _connections.Recall(handle, timeout, FlowTick.EndOf(seen, now));
    }

    // The lines may name next hops and a handle of the former director: they are rewritten, or given up and the connection goes on without.
    private void TakeLines(int handle, ref Connection<TAddress> connection, int line, MonotonicTime now)
    {
        connection.Flags |= ConnectionFlags.HasFlow;
        connection.FlowInbound = line + 1;
        connection.FlowBirthInbound = GenerationOf(_flows!.VersionOf(line));
        _tally.Count(OffloadCount.Adoptions);
        if (connection.Protocol == IpProtocol.Tcp) _tally.Count(OffloadCount.TcpNow);
        int pair = (int)_flows.StateOf(line).Pair;
        bool hasPair = pair > 0 && pair <= _flows.Length && _flows.StateOf(pair - 1).Pair == (uint)line + 1 &&
            (_flows.VersionOf(pair - 1) & FlowAbi.StateMask) == FlowAbi.Live;
        if (hasPair)
        {
            connection.FlowOutbound = pair;
            connection.FlowBirthOutbound = GenerationOf(_flows.VersionOf(pair - 1));
            connection.FlowPacketsOutbound = unchecked((ushort)Volatile.Read(ref _flows.StateOf(pair - 1).Packets));
        }

        Ways ways = Describe(handle, ref connection, out Flow<TAddress> request, out Flow<TAddress> reply);
        if (ways != Ways.Known || hasPair != HasReplyFlow(in connection))
        {
            RemoveFlow(handle, ref connection, now);
            return;
        }

        Change(connection.FlowInbound - 1, in request);
        if (hasPair) Change(connection.FlowOutbound - 1, in reply);
    }
}
