// Reference §4.2 (inbound), §4.4 (outbound).

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using NetVS.Director.Connections;
using NetVS.Director.FullNat;
using NetVS.Director.Helpers;
using NetVS.Director.Icmp;
using NetVS.Director.Offload;
using NetVS.Director.Persistence;
using NetVS.Director.Protocols;
using NetVS.Director.Services;
using NetVS.Director.Statistics;
using NetVS.Director.Synchronisation;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <summary>The packet path of one worker and one family: finds or makes the connection, moves its state, forwards.</summary>
/// <remarks>
/// <para>The parts: Plain reads and finds what nearly all packets are, and Short forwards most of these; this file finds the connections of all others, and
/// holds the established path with everything that can happen on it; Scheduling makes and ends connections; Routing, Nat,
/// DirectRouting, Tunnel and FullNat are the methods; Helpers reads control connections; Fragments and Icmp what is not a plain segment or datagram.</para>
/// <para>An established packet meets: one set look-up that tells requests from replies, one search of the connection table, one row
/// of the state machine, its rewriting, its Ethernet header. Everything else is out of line.</para>
/// Thread: the worker's.
/// </remarks>
internal sealed partial class Forwarder<TFamily, TAddress> : IDisposable
    where TFamily : struct, IAddressFamily<TAddress>
    where TAddress : unmanaged, IEquatable<TAddress>
{
    private readonly DirectorWorker _worker;
    private readonly ConnectionTable<TAddress> _connections;
    private readonly LocalPortTable<TAddress> _localPorts;
    private readonly DestinationTable _destinations;
    private readonly WorkerCounters _counters;
    private readonly ProtocolTimeouts _timeouts;
    private readonly DirectorSettings _settings;
    private readonly FlowTable<TAddress>? _flows;
    private readonly OffloadTally _tally;
    private readonly TemplateTable<TFamily, TAddress> _templates;
    private readonly DirectorSync _sync;
    private readonly HelperSessions _sessions;
    private readonly ExpectationTable<TFamily, TAddress> _expectations;

    /// <summary>Builds an empty path of a worker.</summary>
    public Forwarder(
        DirectorWorker worker, int capacity, UInt128 hashKey, TemplateTable<TFamily, TAddress> templates,
        ExpectationTable<TFamily, TAddress> expectations, FlowTable<TAddress>? flows = null)
    {
        _worker = worker;
        _templates = templates;
        _flows = flows;
        _tally = worker.Engine.Offload?.TallyOf(worker.Index) ?? new OffloadTally();
        _connections = new ConnectionTable<TAddress>(capacity, hashKey);
        _localPorts = new LocalPortTable<TAddress>(worker.Index, worker.WorkerCount, worker.Random);
        _destinations = worker.Destinations;
        _counters = worker.Counters;
        _timeouts = worker.Timeouts;
        _settings = worker.Settings;
        _sync = worker.Engine.Sync;
        _sessions = worker.Engine.HelperSessions;
        _expectations = expectations;
    }

    /// <summary>The connections of this family in this partition.</summary>
    public ConnectionTable<TAddress> Connections => _connections;

    /// <summary>Decides about one packet of this family.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public Verdict Process(ref Packet packet, in PacketShape shape, MonotonicTime now)
    {
        Span<byte> frame = packet.Frame;
        if (!TFamily.HasGoodHeaderChecksum(frame[shape.IpOffset..])) return _worker.Drop(ref packet, DropReason.BadIpv4Checksum);
        if (shape.IsFragment || shape.Protocol is not (IpProtocol.Tcp or IpProtocol.Udp)) return ProcessSpecial(ref packet, in shape, now);
        return TryReadEnds(frame, in shape, out FlowEnds<TAddress> ends)
            ? ProcessFlow(ref packet, in shape, in ends, now)
            : _worker.Drop(ref packet, DropReason.BadTransportHeader);
    }

    /// <inheritdoc/>
    public void Dispose() => _connections.Dispose();

    /// <summary>Forwards a packet whose ends are known.</summary>
    private Verdict ProcessFlow(ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now)
    {
        ServiceTable table = _worker.Table;
        if (TFamily.IsVirtualAddress(table, ends.Destination) || packet.Mark != 0)
        {
            if (_sync.IsStandingBy) return PassOn(ref packet, in shape, now);
            int request = _connections.FindInbound(
                ends.Protocol, ends.Source, ends.SourcePort, ends.Destination, ends.DestinationPort);
            return request != 0
                ? ForwardInbound(request, ref packet, in shape, in ends, now)
                : ProcessUnknownRequest(table, ref packet, in shape, in ends, now);
        }

        int reply = FindReply(table, in ends);
        return reply != 0
            ? ForwardOutbound(reply, ref packet, in shape, in ends, now)
            : ProcessUnknownReply(table, ref packet, in shape, in ends, now);
    }

    private int FindReply(ServiceTable table, in FlowEnds<TAddress> ends)
    {
        if (TFamily.IsLocalAddress(table, ends.Destination))
        {
            int handle = _connections.FindFullNatReply(
                ends.Protocol, ends.Destination, ends.DestinationPort, ends.Source, ends.SourcePort);
            if (handle != 0) return handle;
        }

        return _connections.FindOutbound(ends.Protocol, ends.Destination, ends.DestinationPort, ends.Source, ends.SourcePort);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Verdict ForwardInbound(
        int handle, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now)
    {
        ref Connection<TAddress> connection = ref _connections[handle];
        Destination destination = _destinations[connection.DestinationIndex];
        if ((connection.Flags & (ConnectionFlags.HasFlow | ConnectionFlags.OnePacket | ConnectionFlags.Learned | ConnectionFlags.Probed)) != 0)
        {
            // From now on this director knows best.
            connection.Flags &= ~ConnectionFlags.Learned;
            if ((connection.Flags & ConnectionFlags.Probed) != 0 && SaysNumbers(in ends)) return ResetBoth(handle, ref packet, in shape, isReply: false, now);

            // The next datagram of a one-packet service, before the fragments of the last one have all come.
            if ((connection.Flags & ConnectionFlags.OnePacket) != 0 && ends.HasL4) return Reschedule(handle, ref packet, in shape, in ends, now);
            if ((connection.Flags & ConnectionFlags.HasFlow) != 0) CatchUp(handle, ref connection, in ends, now);
        }

        if (ends.IsOpening)
        {
            if (MustReschedule(ref connection, destination))
            {
                _worker.Count(ForwardingEvent.ConnectionReused);
                return Reschedule(handle, ref packet, in shape, in ends, now);
            }

            ForgetSequenceNumbers(ref connection);
        }

        if (!destination.IsAvailable && connection.Method != ForwardingMethod.Bypass) return ProcessUnavailable(handle, ref packet, in shape, in ends, now);
        _counters.CountInbound(destination, shape.IpLength);
        if (_settings.IcmpSequenceWindow != 0) NoteNumbers(ref connection, packet.Frame, in shape, in ends, isReply: false);
        Advance(handle, ref connection, destination, in ends, false, now);
        unchecked { connection.InPackets++; }
        Verdict verdict = Deliver(ref connection, ref packet, in shape, in ends, now);
        if (_sync.IsTelling) Announce(handle, ref connection, unchecked(connection.InPackets - 1), now);
        if (_flows is not null) FollowUp(handle, verdict, in packet, shape.IsFragment, now);
        return verdict;
    }

    /// <summary>Sends a request on its way by the connection's method.</summary>
    private Verdict Deliver(
        ref Connection<TAddress> connection, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now) =>
        connection.Method switch
        {
            ForwardingMethod.Nat => (connection.Flags & ConnectionFlags.Helped) == 0
                ? DeliverByNat(ref connection, ref packet, in shape, in ends, now)
                : DeliverHelped(ref connection, ref packet, in shape, in ends, now),
            ForwardingMethod.DirectRouting => DeliverDirectly(ref connection, ref packet, in shape, now),
            ForwardingMethod.Tunnel => DeliverByTunnel(ref connection, ref packet, in shape, now),
            ForwardingMethod.FullNat => DeliverByFullNat(ref connection, ref packet, in shape, in ends, now),
            ForwardingMethod.Bypass => DeliverPast(ref connection, ref packet, in shape, now),
            _ => Verdict.ToStack,
        };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Verdict ForwardOutbound(
        int handle, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now)
    {
        ref Connection<TAddress> connection = ref _connections[handle];
        Destination destination = _destinations[connection.DestinationIndex];
        if (TFamily.TtlOf(packet.Frame[shape.IpOffset..]) <= 1 && IsRouted(ref connection, in packet))
            return Refuse(ref packet, in shape, DropReason.TtlExpired, IcmpReason.TimeExceeded, 0, default, now);
        if ((connection.Flags & (ConnectionFlags.HasFlow | ConnectionFlags.Learned | ConnectionFlags.Probed)) != 0)
        {
            connection.Flags &= ~ConnectionFlags.Learned;
            if ((connection.Flags & ConnectionFlags.Probed) != 0 && SaysNumbers(in ends)) return ResetBoth(handle, ref packet, in shape, isReply: true, now);
            if ((connection.Flags & ConnectionFlags.HasFlow) != 0) CatchUp(handle, ref connection, in ends, now);
        }

        _counters.CountOutbound(destination, shape.IpLength);
        if (_settings.IcmpSequenceWindow != 0) NoteNumbers(ref connection, packet.Frame, in shape, in ends, isReply: true);
        Advance(handle, ref connection, destination, in ends, true, now);
        Verdict verdict = Return(ref connection, ref packet, in shape, in ends, now);
        if (_flows is not null) FollowUp(handle, verdict, in packet, shape.IsFragment, now);
        return verdict;
    }

    /// <summary>Whether a reply passes a router before IPVS sees it: where no hop is left it says so, nothing is counted, and no state moves.</summary>
    private bool IsRouted(ref Connection<TAddress> connection, in Packet packet)
    {
        if (connection.Method is not (ForwardingMethod.Nat or ForwardingMethod.FullNat)) return false;
        int hop = HopOutbound(ref connection, out _);
        return hop > 0 && IsForwarded(in connection, hop, in packet);
    }

    /// <summary>Sends a reply on its way by the connection's method.</summary>
    private Verdict Return(
        ref Connection<TAddress> connection, ref Packet packet, in PacketShape shape, in FlowEnds<TAddress> ends, MonotonicTime now) =>
        connection.Method switch
        {
            ForwardingMethod.Nat => (connection.Flags & ConnectionFlags.Helped) == 0
                ? ReturnByNat(ref connection, ref packet, in shape, in ends, now)
                : ReturnHelped(ref connection, ref packet, in shape, in ends, now),
            ForwardingMethod.FullNat => ReturnByFullNat(ref connection, ref packet, in shape, in ends, now),
            _ => PassOn(ref packet, in shape, now),
        };

    /// <summary>Moves the connection's state by one packet and restarts its timer (reference §6).</summary>
    private void Advance(
        int handle, ref Connection<TAddress> connection, Destination destination, in FlowEnds<TAddress> ends, bool isReply, MonotonicTime now)
    {
        if (ends.Protocol != IpProtocol.Tcp)
        {
            if (ends.Protocol == IpProtocol.Sctp)
            {
                AdvanceSctp(handle, ref connection, destination, in ends, isReply, now);
                return;
            }

            if (isReply) TellTemplateOfReply(ref connection);
            bool isOnePacket = (connection.Flags & ConnectionFlags.OnePacket) != 0;
            _connections.SetTimeout(handle, isOnePacket ? ConnectionTable<TAddress>.InitialTimeout : _timeouts.OfUdp(destination.Timeouts), now);
            return;
        }

        byte before = connection.State;
        if (ends.HasL4)
        {
            ActivityChange change = TcpStateMachine.Step(ref connection, isReply, (byte)ends.Flags, _settings.UsesSecureTcp);
            if (change != ActivityChange.None) TellActivity(destination, change);
            if (connection.State != before) TellTemplate(in connection);
        }

        _connections.SetTimeout(handle, _timeouts.OfTcp((TcpState)connection.State, destination.Timeouts), now);
        if (isReply && connection.State != before && _sync.Peers is not null) Announce(handle, ref connection, connection.InPackets, now);
    }

    private static void TellActivity(Destination destination, ActivityChange change)
    {
        if (change == ActivityChange.BecameActive) destination.BecomeActive();
        else destination.BecomeInactive();
    }

    /// <summary>Reads the addresses, ports and flags of a packet that carries its L4 header.</summary>
    /// <returns>False when the header is cut off or announces a length it cannot have.</returns>
    private static bool TryReadEnds(ReadOnlySpan<byte> frame, in PacketShape shape, out FlowEnds<TAddress> ends)
    {
        ends = default;
        ReadOnlySpan<byte> l4 = frame.Slice(shape.L4Offset, shape.L4Length);
        var flags = TcpFlags.None;
        if (shape.Protocol == IpProtocol.Tcp)
        {
            if (l4.Length < TcpHeader.Size) return false;
            ref readonly TcpHeader tcp = ref WireView.ReadAt<TcpHeader>(l4, 0);

            // Of a first fragment the options may lie in the second; who needs them asks.
            if (tcp.HeaderLength < TcpHeader.Size || (tcp.HeaderLength > l4.Length && !shape.MoreFragments)) return false;
            flags = tcp.Flags;
        }
        else if (shape.Protocol == IpProtocol.Sctp)
        {
            return TryReadSctpEnds(frame, l4, in shape, out ends);
        }
        else if (l4.Length < UdpHeader.Size)
        {
            return false;
        }

        uint ports = BinaryPrimitives.ReadUInt32BigEndian(l4);
        ReadOnlySpan<byte> ip = frame[shape.IpOffset..];
        ends = new FlowEnds<TAddress>
        {
            Source = TFamily.SourceOf(ip),
            Destination = TFamily.DestinationOf(ip),
            SourcePort = (ushort)(ports >> 16),
            DestinationPort = unchecked((ushort)ports),
            Protocol = shape.Protocol,
            Flags = flags,
            HasL4 = true,
        };
        return true;
    }
}
