// Reference §4.2 (steps 8 to 10), §4.3, §5.3, §5.4.

using NetVS.Director.Connections;
using NetVS.Director.Icmp;
using NetVS.Director.Protocols;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>How connections begin, are replaced and end.</content>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    // Reference §5.4: what controls others, or is otherwise still needed, is kept another minute.
    private const uint StillNeededTimeout = 60;

    // conn_reuse_mode's second bit: also replace what is in FIN_WAIT while only requests are seen.
    private const int ReuseFinWait = 2;

    /// <summary>A packet to a VIP without a connection: a reply after all, or the beginning of one.</summary>
    private Verdict ProcessUnknownRequest(
        ServiceTable table, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now)
    {
        int reply = FindReply(table, in ends);
        if (reply != 0) return ForwardOutbound(reply, ref packet, in shape, in ends, now);
        if (_expectations.Count > 0 && TryBeginExpected(ref packet, in shape, in ends, now, out Verdict verdict)) return verdict;
        if (table.HasEngineServices && TryBeginByReply(table, ref packet, in shape, in ends, now, out verdict)) return verdict;
        return IsOrphanOfNat(table, in ends)
            ? RefuseOrphan(ref packet, in shape, in ends, now)
            : ScheduleNewConnection(table, ref packet, in shape, in ends, now);
    }

    /// <summary>A packet that is neither to a VIP nor a reply: the director's own, or a NAT real server's without a connection.</summary>
    private Verdict ProcessUnknownReply(
        ServiceTable table, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now)
    {
        if (_expectations.Count > 0 && TryBeginExpected(ref packet, in shape, in ends, now, out Verdict verdict)) return verdict;
        if (table.HasEngineServices && TryBeginByReply(table, ref packet, in shape, in ends, now, out verdict)) return verdict;
        return IsOrphanOfNat(table, in ends) ? RefuseOrphan(ref packet, in shape, in ends, now) : PassOn(ref packet, in shape, now);
    }

    // Reference §4.4, the last paragraph.
    private bool IsOrphanOfNat(ServiceTable table, in FlowEnds<TAddress> ends) =>
        _settings.NatIcmpSend && ends.HasL4 && (ends.Flags & TcpFlags.Rst) == 0 &&
        table.IsNatDestination(ends.Protocol, TFamily.ToIpAddress(ends.Source), ends.SourcePort);

    // Only who has the address may refuse in its name: towards a client it is the director as a router that says so.
    private Verdict RefuseOrphan(ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now)
    {
        bool isLocal = _worker.Network.IsLocal(TFamily.ToIpAddress(ends.Destination));
        if (!isLocal && packet.ReceiveInterface != Packet.FromStack)
        {
            // A router has taken one from the TTL before it refuses, and has something else to say when none is left.
            Span<byte> ip = packet.Frame[shape.IpOffset..];
            if (TFamily.TtlOf(ip) <= 1) return PassOn(ref packet, in shape, now);
            TFamily.DecrementTtl(ip);
        }

        return Refuse(ref packet, in shape, DropReason.NoConnection, IcmpReason.PortUnreachable, 0, isLocal ? ends.Destination : default, now);
    }

    /// <summary>Whether a SYN or INIT must not continue the connection it hits (reference §4.2, step 8).</summary>
    private bool MustReschedule(ref Connection<TAddress> connection, Destination destination)
    {
        if (_settings.ExpireNodestConn && destination.Weight == 0) return true;
        int mode = _settings.ConnReuseMode;
        if (mode == 0 || IsControlled(in connection)) return false;
        if (connection.Protocol == IpProtocol.Sctp) return (SctpState)connection.State == SctpState.Closed;
        return (TcpState)connection.State switch
        {
            TcpState.TimeWait or TcpState.Close => true,
            TcpState.FinWait => (mode & ReuseFinWait) != 0 && (connection.Flags & ConnectionFlags.NoOutput) != 0,
            _ => false,
        };
    }

    /// <summary>Ends a connection and treats the packet as the beginning of another, at once.</summary>
    /// <remarks>Where IPVS finds an old conntrack entry it drops this SYN and lets the client wait a second; there is none here.</remarks>
    private Verdict Reschedule(
        int handle, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now)
    {
        // As the sweep does that may not have come here yet: a template goes with the last connection of a deleted server.
        int destination = _connections[handle].DestinationIndex;
        End(handle, now, isForced: destination != DestinationTable.Unbound && !_destinations[destination].IsAvailable);
        return ScheduleNewConnection(_worker.Table, ref packet, in shape, in ends, now);
    }

    /// <summary>A request whose real server was deleted (reference §4.2, step 9). Its timer is not restarted.</summary>
    private Verdict ProcessUnavailable(
        int handle, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now) =>
        _connections[handle].DestinationIndex == DestinationTable.Unbound && TryBindSynced(ref _connections[handle])
            ? ForwardInbound(handle, ref packet, in shape, in ends, now)
            : SaysNumbers(in ends) && _destinations[_connections[handle].DestinationIndex].Service.Rule.Options.Resets
            ? ResetBoth(handle, ref packet, in shape, isReply: false, now)
            : _settings.ExpireNodestConn
            ? Reschedule(handle, ref packet, in shape, in ends, now)
            : _worker.Drop(ref packet, DropReason.DestinationUnavailable);

    /// <summary>Reference §4.3. What may not begin a connection goes to the director's own stack.</summary>
    private Verdict ScheduleNewConnection(
        ServiceTable table, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now)
    {
        if (!ends.HasL4 || !MayOpen(in ends)) return AnswerStray(table, ref packet, in shape, in ends, now);
        uint mark = packet.Mark != 0 ? packet.Mark : TFamily.MarkOf(table, ends.Protocol, ends.Destination, ends.DestinationPort);
        if (!TFamily.TryFindService(table, ends.Protocol, ends.Destination, ends.DestinationPort, mark, out VirtualServiceState? service))
            return PassOn(ref packet, in shape, now);
        if (MustDropNew()) return _worker.Drop(ref packet, DropReason.DropPacket);
        if (ends.SourcePort == ServiceTable.FtpDataPort) return PassOn(ref packet, in shape, now);
        if (!TFamily.IsPossibleSource(ends.Source)) return _worker.Drop(ref packet, DropReason.BadSourceAddress);
        if (IsTableFull()) return _worker.Drop(ref packet, DropReason.TableFull);

        if (service!.Limits is { } limits && FindLimit(service, limits, in ends) is not DropReason.None and var over)
            return RefuseOverLimit(service, over, ref packet, in shape, in ends, now);
        ReadOnlySpan<byte> engineKey = default;
        if (IsPersistent(service!) && !TryReadEngineKey(service!, packet.Frame, in shape, in ends, out engineKey)) return _worker.Drop(ref packet, DropReason.NoPersistenceKey);
        switch (TryMakeScheduled(service!, engineKey, in ends, now, out int handle))
        {
            case DropReason.None:
                break;
            case DropReason.NoDestination:
                return Leave(service!, ref packet, in shape, in ends, mark, now);
            case DropReason.ClientLimit:
                return RefuseOverLimit(service!, DropReason.ClientLimit, ref packet, in shape, in ends, now);
            case var refusal:
                return _worker.Drop(ref packet, refusal);
        }

        ref Connection<TAddress> connection = ref _connections[handle];
        Destination destination = _destinations[connection.DestinationIndex];
        _counters.CountInbound(destination, shape.IpLength);
        if (_settings.IcmpSequenceWindow != 0) NoteNumbers(ref connection, packet.Frame, in shape, in ends, isReply: false);
        Advance(handle, ref connection, destination, in ends, false, now);
        connection.InPackets = 1;
        bool isOnePacket = IsOnePacket(service!, ends.Protocol);
        if (isOnePacket) connection.Flags |= ConnectionFlags.OnePacket;
        Verdict verdict = Deliver(ref connection, ref packet, in shape, in ends, now);
        if (_sync.IsTelling) Announce(handle, ref connection, 0, now);
        if (isOnePacket) EndOnePacket(handle, in shape, now);
        else if (_flows is not null) FollowUp(handle, verdict, in packet, shape.IsFragment, now);
        return verdict;
    }

    /// <summary>Chooses a real server and makes a connection to it (reference §4.3, steps 3 to 6).</summary>
    /// <returns>None with the connection's handle, or why there is none: <see cref="DropReason.NoDestination"/> where nobody was chosen.</returns>
    private DropReason TryMakeScheduled(
        VirtualServiceState service, ReadOnlySpan<byte> engineKey, in FlowEnds<TAddress> ends, MonotonicTime now, out int handle)
    {
        handle = 0;
        var refusal = DropReason.None;
        int template = 0;
        Destination? destination = IsPersistent(service)
            ? ChoosePersistently(service, engineKey, in ends, now, out template, out refusal)
            : service.Key.IsMark || ends.DestinationPort == service.Key.Port ? service.Schedule(RequestOf(in ends, now)) : null;
        if (destination is null && refusal == DropReason.None) return DropReason.NoDestination;
        if (destination is not null) refusal = TryBegin(service, destination, in ends, now, out handle);
        if (refusal == DropReason.None) _connections[handle].Controller = template;
        else if (template != 0) _templates.Release(template, isForced: false);
        return refusal;
    }

    /// <summary>Whether no connection more may begin: for want of memory, or by <c>conn_max</c>.</summary>
    private bool IsTableFull() => _connections.Count == _connections.Capacity || _worker.Engine.HasConnMax;

    private static bool IsOnePacket(VirtualServiceState service, IpProtocol protocol) =>
        protocol == IpProtocol.Udp && (service.Rule.Flags & ServiceFlags.OnePacket) != 0;

    /// <summary>
    /// The entry of a one-packet service has done its work (reference §5.5), unless more fragments come: IPVS, which sees datagrams whole, needs no
    /// entry for these.
    /// </summary>
    private void EndOnePacket(int handle, in PacketShape shape, MonotonicTime now)
    {
        if (shape.IsFragment) _connections.SetTimeout(handle, ConnectionTable<TAddress>.InitialTimeout, now);
        else End(handle, now);
    }

    private bool MayOpen(in FlowEnds<TAddress> ends)
    {
        if (ends.Protocol == IpProtocol.Udp) return true;
        if ((ends.Flags & TcpFlags.Rst) != 0) return false;
        return ends.IsOpening || (ends.Protocol == IpProtocol.Tcp ? _settings.SloppyTcp : _settings.SloppySctp);
    }

    private static SchedulingRequest RequestOf(in FlowEnds<TAddress> ends, MonotonicTime now) => new()
    {
        Client = TFamily.ToIpAddress(ends.Source),
        ClientPort = ends.SourcePort,
        Virtual = TFamily.ToIpAddress(ends.Destination),
        VirtualPort = ends.DestinationPort,
        Protocol = ends.Protocol,
        Now = now,
    };

    /// <summary>No destination (reference §4.3, "leave"): past the real servers if <c>cache_bypass</c> says so; else ICMP port unreachable, for TCP too.</summary>
    private Verdict Leave(
        VirtualServiceState service, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, uint mark, MonotonicTime now) =>
        _settings.CacheBypass && service.Key.IsMark && MayBypass(ends.Destination)
            ? BeginBypass(service, ref packet, in shape, in ends, mark, now)
            : IsBesideFtp(service, in ends)
            ? PassOn(ref packet, in shape, now)
            : Refuse(ref packet, in shape, DropReason.NoDestination, IcmpReason.PortUnreachable, 0, ends.Destination, now);

    // Found through the FTP service, but none of its business: another service of the host, maybe.
    private static bool IsBesideFtp(VirtualServiceState service, in FlowEnds<TAddress> ends) =>
        service.Key.Port == ServiceTable.FtpPort && ends.DestinationPort != ServiceTable.FtpPort;

    /// <summary>Makes the connection's entry and tells its destination.</summary>
    private DropReason TryBegin(
        VirtualServiceState service, Destination destination, in FlowEnds<TAddress> ends, MonotonicTime now, out int handle)
    {
        handle = 0;
        TAddress real = RealOf(destination);
        ushort realPort = RealPortOf(service, destination, ends.DestinationPort);
        ForwardingMethod method = destination.Method;

        // A reply from the director's own stack to a local address of its own would never leave it: NAT takes the place of FULLNAT.
        if (method == ForwardingMethod.FullNat && _worker.Network.IsLocal(destination.Address)) method = ForwardingMethod.Nat;
        TAddress local = default;
        ushort localPort = 0;
        if (method == ForwardingMethod.FullNat)
        {
            DropReason refusal = TryTakeLocalPort(service, ends.Protocol, real, realPort, now, out local, out localPort);
            if (refusal != DropReason.None) return refusal;
        }

        var key = new ConnectionKey<TAddress>(
            ends.Protocol, ends.Source, ends.SourcePort, ends.Destination, ends.DestinationPort);
        var target = new ConnectionTarget<TAddress>(method, real, realPort, destination.Index, local, localPort);
        if (!_connections.TryCreate(in key, in target, now, out handle))
        {
            if (method == ForwardingMethod.FullNat) ReleaseLocalPort(ends.Protocol, local, localPort, real, realPort, now);
            return DropReason.ClientEndFull;
        }

        // Another worker may have given the client its last one.
        if (!TryCountClient(ref _connections[handle], service, isLimited: true))
        {
            _connections.Remove(handle);
            if (method == ForwardingMethod.FullNat) ReleaseLocalPort(ends.Protocol, local, localPort, real, realPort, now);
            return DropReason.ClientLimit;
        }

        if (!TryBindHelper(handle))
        {
            ReleaseClient(in _connections[handle]);
            _connections.Remove(handle);
            return DropReason.HelperSessionsFull;
        }

        destination.Bind(isTemplate: false);
        _counters.CountConnection(destination);
        return DropReason.None;
    }

    /// <summary>What a connection says of its real server: nothing where that is of the other family, behind a tunnel.</summary>
    private static TAddress RealOf(Destination destination) =>
        destination.Address.Family == TFamily.Family ? TFamily.FromIpAddress(destination.Address) : default;

    /// <summary>The real server's port for a connection to this virtual port (reference §4.3, step 6; persistent services: §7.2).</summary>
    /// <remarks>A persistent mark service keeps the port: its own is 0, which no packet has.</remarks>
    private static ushort RealPortOf(VirtualServiceState service, Destination destination, ushort virtualPort)
    {
        bool hasItsPort = virtualPort == service.Key.Port || (service.Key.IsMark && !IsPersistent(service));
        return hasItsPort && destination.Port != 0 ? destination.Port : virtualPort;
    }

    /// <summary>Ends a connection now.</summary>
    private void End(int handle, MonotonicTime now, bool isForced = false)
    {
        ReleaseHoldings(handle, ref _connections[handle], now, isForced);
        _connections.Remove(handle);
    }

    /// <summary>Ends connections whose deadline has passed; looks at no more than <paramref name="budget"/>.</summary>
    /// <returns>When to call again at the latest.</returns>
    public MonotonicTime ExpireConnections(MonotonicTime now, int budget)
    {
        var handler = new ExpiryHandler(this);
        return _connections.Advance(now, budget, ref handler);
    }

    private void ReleaseHoldings(int handle, ref Connection<TAddress> connection, MonotonicTime now, bool isForced = false)
    {
        if ((connection.Flags & ConnectionFlags.HasFlow) != 0) RemoveFlow(handle, ref connection, now);
        if ((connection.Flags & ConnectionFlags.ClientGeneration) != 0) ReleaseClient(in connection);
        bool wasActive = (connection.Flags & ConnectionFlags.Inactive) == 0;
        _destinations[connection.DestinationIndex].Unbind(isTemplate: false, wasActive);
        if (connection.Controller != 0) _templates.Release(connection.Controller, isForced);
        if (connection.HelperSlot != 0) ReleaseHelper(in connection);
        if (connection.Method == ForwardingMethod.FullNat)
            ReleaseLocalPort(connection.Protocol, connection.Local, connection.LocalPort, connection.Real, connection.RealPort, now);
    }

    /// <summary>A struct, so that the table's call is a direct one.</summary>
    private readonly struct ExpiryHandler(Forwarder<TFamily, TAddress> forwarder) : IExpiryHandler<TAddress>
    {
        public uint Expire(int handle, ref Connection<TAddress> connection, MonotonicTime now)
        {
            if (forwarder.ControlsOthers(in connection)) return StillNeededTimeout;
            if (forwarder.TryProbe(handle, ref connection, now)) return ProbeTimeout;
            bool isForced = (connection.Flags & ConnectionFlags.Probed) != 0 && forwarder.IsUnwanted(in connection, forwarder._destinations[connection.DestinationIndex]);
            forwarder.ReleaseHoldings(handle, ref connection, now, isForced);
            return 0;
        }

        public uint ReadBack(int handle, ref Connection<TAddress> connection, MonotonicTime now) =>
            forwarder.ReadBack(handle, ref connection, now);
    }
}
