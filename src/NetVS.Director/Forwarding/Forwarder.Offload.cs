// bpf/flow.h; OffloadPolicy says when.

using System.Runtime.CompilerServices;
using NetVS.Director.Connections;
using NetVS.Director.Offload;
using NetVS.Director.Protocols;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Packets.Headers;
using NetVS.Rules;

namespace NetVS.Director.Forwarding;

/// <content>Connections in the flow table: installed, kept right, read back, removed.</content>
/// <remarks>
/// <para>A connection with lines has <see cref="ConnectionFlags.HasFlow"/>. Its packets reach this forwarder only where the program cannot handle
/// them; each that does is also the occasion to put the lines right (<see cref="FollowUp"/>), and before it moves the state, what the program
/// reported meanwhile is taken in (<see cref="CatchUp"/>), so that the state machine sees segments in their order.</para>
/// <para>What follows from a packet that passed the program: its counts are the destination's (FlowCounters); its time is in the line until somebody
/// asks (<see cref="ReadBack"/>); its event is in a report if it means anything (<see cref="TakeReport"/>).</para>
/// </remarks>
internal sealed partial class Forwarder<TFamily, TAddress>
{
    /// <summary>Takes in what was reported before a packet of the connection moves its state here.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CatchUp(int handle, ref Connection<TAddress> connection, in FlowEnds<TAddress> ends, MonotonicTime now)
    {
        _worker.DrainReports(now);

        // It may choose other sequence numbers, and say a new one of the real server's.
        if (ends.IsOpening && connection.Method == ForwardingMethod.FullNat && (connection.Flags & ConnectionFlags.HasFlow) != 0)
            RetireFlow(handle, ref connection, now);
    }

    /// <summary>A packet of the connection was dealt with: installs its lines if it is worth them, puts them right if it has some.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FollowUp(int handle, Verdict verdict, in Packet packet, bool isFragment, MonotonicTime now)
    {
        ref Connection<TAddress> connection = ref _connections[handle];
        if ((connection.Flags & ConnectionFlags.HasFlow) != 0)
        {
            Refit(handle, ref connection, now);
            return;
        }

        // With a reason, something else was transmitted in the packet's place.
        if (verdict != Verdict.Transmit || packet.Reason != DropReason.None || isFragment) return;
        if (OffloadPolicy.IsWorthIt(in connection, _flows!.IsHalfFull)) Install(handle, ref connection, now);
    }

    /// <summary>Takes in a report of the program about one of this family's lines.</summary>
    public void TakeReport(in FlowEvent report, MonotonicTime now)
    {
        int handle = FindReported(in report, out bool isReply);
        if (handle == 0)
        {
            _tally.Count(OffloadCount.StaleReports);
            return;
        }

        _tally.Count(OffloadCount.Reports);
        ref Connection<TAddress> connection = ref _connections[handle];
        byte before = connection.State;
        ActivityChange change = TcpStateMachine.Step(ref connection, isReply, report.Flags, _settings.UsesSecureTcp);
        Destination destination = _destinations[connection.DestinationIndex];
        if (change != ActivityChange.None) TellActivity(destination, change);
        var state = (TcpState)connection.State;
        _connections.Renew(handle, _timeouts.OfTcp(state, destination.Timeouts), FlowTick.EndOf(report.When, now));
        connection.FlowReports = (connection.FlowReports + 1) & FlowAbi.MostReports;
        if (connection.State != before)
        {
            TellTemplate(in connection);
            SetLineTimeouts(in connection);

            // Packets may have been counted before the report of the state that they were in came: none of them has been announced.
            if (_sync.IsTelling) Announce(handle, ref connection, 0, now);
        }

        bool isSettled = TrySetMasks(in connection);

        // While reports of it are on their way the lines stay, else these would find no connection.
        if (isSettled && OffloadPolicy.IsDone(state, _flows!.IsHalfFull)) RemoveFlow(handle, ref connection, now);
        else if (!isSettled) NoteLag(ref connection, now);
    }

    /// <summary>Takes in when packets of a connection with lines last passed the program, and how many.</summary>
    /// <param name="handle">The connection.</param>
    /// <param name="connection">Its entry.</param>
    /// <param name="now">The time.</param>
    /// <returns>Seconds that the connection would have from its next packet on.</returns>
    private uint ReadBack(int handle, ref Connection<TAddress> connection, MonotonicTime now)
    {
        bool isTcp = connection.Protocol == IpProtocol.Tcp;
        ServiceTimeouts? own = _destinations[connection.DestinationIndex].Timeouts;
        uint next = isTcp ? _timeouts.OfTcp((TcpState)connection.State, own) : _timeouts.OfUdp(own);
        ref FlowState inbound = ref _flows!.StateOf(connection.FlowInbound - 1);

        // Partner: the program, which stores each of these whole.
        uint packets = Volatile.Read(ref inbound.Packets), seen = Volatile.Read(ref inbound.LastSeen);
        uint before = connection.InPackets;
        unchecked { connection.InPackets += packets - connection.FlowPackets; }
        bool hasPassed = packets != connection.FlowPackets;
        connection.FlowPackets = packets;
        if (connection.FlowOutbound != 0)
        {
            ref FlowState outbound = ref _flows.StateOf(connection.FlowOutbound - 1);
            ushort replies = unchecked((ushort)Volatile.Read(ref outbound.Packets));
            uint other = Volatile.Read(ref outbound.LastSeen);
            if (FlowTick.IsLater(other, seen)) seen = other;
            if (replies != connection.FlowPacketsOutbound)
            {
                hasPassed = true;
                if (connection.Protocol == IpProtocol.Udp) TellTemplateOfReply(ref connection);
            }

            connection.FlowPacketsOutbound = replies;
        }

        // A tick ends later than its packet came: without counts, the same packet would look like another one at the next reading. And
        // until the worker has gone through all connections after a change of timeouts, what passed is taken to have passed before it.
        if (hasPassed)
        {
            uint loaded = _worker.AreTimeoutsChanging ? _worker.FormerTimeoutOf(isTcp, (TcpState)connection.State, own) : next;
            _connections.Renew(handle, loaded, FlowTick.EndOf(seen, now));
            if (_sync.IsTelling) Announce(handle, ref connection, before, now);
        }

        return next;
    }

    /// <summary>Looks the ways of connections behind a handle up again and puts their lines, and their timers, right.</summary>
    /// <param name="handle">The handle looked at last; 0 to begin.</param>
    /// <param name="limit">The most handles to look at.</param>
    /// <param name="isLoud">Whether the next packet of each must be reported: it loads another timeout.</param>
    /// <param name="now">The time.</param>
    /// <returns>The handle looked at last; -1 at the end.</returns>
    public int RefreshFlows(int handle, int limit, bool isLoud, MonotonicTime now)
    {
        while (_connections.TryNext(ref handle, ref limit))
        {
            ref Connection<TAddress> connection = ref _connections[handle];
            if ((connection.Flags & ConnectionFlags.HasFlow) == 0) continue;
            uint next = ReadBack(handle, ref connection, now);
            _connections.LookWithin(handle, next, now);
            Refit(handle, ref connection, now);
            if (isLoud && connection.Protocol == IpProtocol.Tcp && (connection.Flags & ConnectionFlags.HasFlow) != 0) ClearMasks(in connection);
        }

        return handle;
    }

    private void Install(int handle, ref Connection<TAddress> connection, MonotonicTime now)
    {
        OffloadCount? refusal = TryInstall(handle, ref connection, now);
        _tally.Count(refusal ?? OffloadCount.Installs);
        if (refusal is null)
        {
            connection.Flags = (connection.Flags & ~ConnectionFlags.FlowRefused) | ConnectionFlags.HasFlow;
            if (connection.Protocol == IpProtocol.Tcp) _tally.Count(OffloadCount.TcpNow);
            return;
        }

        connection.Flags |= ConnectionFlags.FlowRefused;
    }

    /// <summary>Claims, fills and publishes the connection's lines.</summary>
    /// <returns>Null when it has them; else why not.</returns>
    private OffloadCount? TryInstall(int handle, ref Connection<TAddress> connection, MonotonicTime now)
    {
        if (Describe(handle, ref connection, out Flow<TAddress> request, out Flow<TAddress> reply) != Ways.Known) return OffloadCount.Unsuitable;
        FlowTable<TAddress> flows = _flows!;

        // Both buckets are seldom in the cache: the two misses overlap.
        flows.Prefetch(in request);
        if (HasReplyFlow(in connection)) flows.Prefetch(in reply);
        bool secure = _settings.UsesSecureTcp;
        uint reports = _worker.TakeReportOrigin();

        uint lastSeen = FlowTick.Of(now);
        FlowClaim claim = flows.TryClaim(in request, ReportWord(reports, connection.State, MaskOf(in connection, false, secure)), lastSeen, out int inbound);
        int outbound = -1;
        if (claim == FlowClaim.Taken && HasReplyFlow(in connection))
        {
            claim = flows.TryClaim(in reply, ReportWord(reports, connection.State, MaskOf(in connection, true, secure)), lastSeen, out outbound);
            if (claim != FlowClaim.Taken) flows.Remove(inbound);
        }

        if (claim != FlowClaim.Taken) return claim == FlowClaim.Full ? OffloadCount.RefusedFull : OffloadCount.RefusedTwin;
        connection.FlowReports = reports;
        connection.FlowPackets = 0;
        connection.FlowPacketsOutbound = 0;
        connection.FlowLag = 0;
        connection.FlowInbound = inbound + 1;
        connection.FlowBirthInbound = GenerationOf(flows.VersionOf(inbound));
        connection.FlowOutbound = outbound + 1;
        if (outbound >= 0)
        {
            connection.FlowBirthOutbound = GenerationOf(flows.VersionOf(outbound));
            flows.StateOf(inbound).Pair = (uint)outbound + 1;
            flows.StateOf(outbound).Pair = (uint)inbound + 1;
        }

        flows.Publish(inbound);
        if (outbound >= 0) flows.Publish(outbound);
        return null;
    }

    /// <summary>Makes the lines say what the connection is now; removes them where it cannot be forwarded by them any more.</summary>
    private void Refit(int handle, ref Connection<TAddress> connection, MonotonicTime now)
    {
        bool isTcp = connection.Protocol == IpProtocol.Tcp;
        Ways ways = Describe(handle, ref connection, out Flow<TAddress> request, out Flow<TAddress> reply);
        if (ways == Ways.Unsuitable || (isTcp && OffloadPolicy.IsDone((TcpState)connection.State, _flows!.IsHalfFull)))
        {
            RetireFlow(handle, ref connection, now);
            return;
        }

        // Where a neighbour does not answer, the lines stay as they are: the next hop's copy is unusable until it does.
        if (ways == Ways.Known)
        {
            Change(connection.FlowInbound - 1, in request);
            if (connection.FlowOutbound != 0) Change(connection.FlowOutbound - 1, in reply);
        }

        SetLineTimeouts(in connection);
        if (isTcp) TrySetMasks(in connection);
    }

    private void Change(int line, in Flow<TAddress> flow)
    {
        if (_flows!.Says(line, in flow)) return;
        _flows.Rewrite(line, in flow);
        _tally.Count(OffloadCount.Rewrites);
    }

    /// <summary>Takes the lines of a connection that lives on back: what they have reported is taken in before the reports are nobody's.</summary>
    private void RetireFlow(int handle, ref Connection<TAddress> connection, MonotonicTime now)
    {
        _flows!.Suspend(connection.FlowInbound - 1);
        if (connection.FlowOutbound != 0) _flows.Suspend(connection.FlowOutbound - 1);
        _worker.DrainReports(now);
        if ((connection.Flags & ConnectionFlags.HasFlow) != 0) RemoveFlow(handle, ref connection, now);
    }

    /// <summary>Takes a connection's lines back; what passed them is taken in.</summary>
    private void RemoveFlow(int handle, ref Connection<TAddress> connection, MonotonicTime now)
    {
        FlowTable<TAddress> flows = _flows!;

        // First out of force, then read: what passes in between would be lost.
        flows.Suspend(connection.FlowInbound - 1);
        if (connection.FlowOutbound != 0) flows.Suspend(connection.FlowOutbound - 1);
        ReadBack(handle, ref connection, now);
        flows.Remove(connection.FlowInbound - 1);
        if (connection.FlowOutbound != 0) flows.Remove(connection.FlowOutbound - 1);
        connection.FlowInbound = 0;
        connection.FlowOutbound = 0;
        connection.Flags &= ~ConnectionFlags.HasFlow;
        _tally.Count(OffloadCount.Removals);
        if (connection.Protocol == IpProtocol.Tcp) _tally.Add(OffloadCount.TcpNow, -1);
    }

    private static ushort TimeoutOf(in Connection<TAddress> connection) => (ushort)Math.Min(connection.Timeout, ushort.MaxValue);

    // Not part of what a version protects: a flow without a director ends by the old one or the new one.
    private void SetLineTimeouts(in Connection<TAddress> connection)
    {
        ushort timeout = TimeoutOf(in connection);
        ref FlowState inbound = ref _flows!.StateOf(connection.FlowInbound - 1);
        if (inbound.Timeout != timeout) inbound.Timeout = timeout;
        if (connection.FlowOutbound != 0) _flows.StateOf(connection.FlowOutbound - 1).Timeout = timeout;
    }

    private int FindReported(in FlowEvent report, out bool isReply)
    {
        isReply = false;
        if (_flows is null || report.Line >= (uint)_flows.Length) return 0;
        int line = (int)report.Line;

        // Another worker may have the line by now and be writing it: then the word names one of its own connections, or still
        // one of ours that has this line no more.
        uint word = Volatile.Read(ref _flows.StateOf(line).Connection);
        int handle = (int)(word & DirectorOffload.MaxHandle);
        if (word >> 24 != (uint)_worker.Index || handle == 0 || handle > _connections.HighestHandle || !_connections.IsLive(handle)) return 0;
        ref Connection<TAddress> connection = ref _connections[handle];
        isReply = connection.FlowOutbound == line + 1;
        if (!isReply && connection.FlowInbound != line + 1) return 0;
        ushort birth = isReply ? connection.FlowBirthOutbound : connection.FlowBirthInbound;
        ushort age = unchecked((ushort)(GenerationOf(report.Version) - birth)), present = unchecked((ushort)(GenerationOf(_flows.VersionOf(line)) - birth));
        return age <= present ? handle : 0;
    }

    private static ushort GenerationOf(uint version) => unchecked((ushort)(version / FlowAbi.Generation));

    private static uint ReportWord(uint reports, byte state, FlowEvents mask) =>
        (reports * FlowAbi.OneReport) | ((uint)state << FlowAbi.ReportedStateShift) | (uint)mask;

    private static FlowEvents MaskOf(in Connection<TAddress> connection, bool isReply, bool secure) => connection.Protocol == IpProtocol.Tcp
        ? QuietMasks.Of((TcpState)connection.State, connection.Flags, isReply, secure)
        : FlowEvents.None;

    /// <summary>Says which segments need not be reported, if all reports are known.</summary>
    /// <returns>False where some are not: they are on their way, and the last of them tries again.</returns>
    private bool TrySetMasks(in Connection<TAddress> connection)
    {
        bool secure = _settings.UsesSecureTcp;
        bool isSet = TrySetMask(in connection, connection.FlowInbound - 1, MaskOf(in connection, false, secure));
        if (connection.FlowOutbound != 0) isSet &= TrySetMask(in connection, connection.FlowOutbound - 1, MaskOf(in connection, true, secure));
        return isSet;
    }

    private void ClearMasks(in Connection<TAddress> connection)
    {
        TrySetMask(in connection, connection.FlowInbound - 1, FlowEvents.None);
        if (connection.FlowOutbound != 0) TrySetMask(in connection, connection.FlowOutbound - 1, FlowEvents.None);
    }

    private bool TrySetMask(in Connection<TAddress> connection, int line, FlowEvents mask)
    {
        ref uint report = ref _flows!.StateOf(line).Report;
        uint seen = Volatile.Read(ref report);
        if (seen / FlowAbi.OneReport != connection.FlowReports) return false;
        uint wanted = ReportWord(connection.FlowReports, connection.State, mask);

        // Partner: the program, which counts before it clears the mask.
        return seen == wanted || Interlocked.CompareExchange(ref report, wanted, seen) == seen;
    }

    /// <summary>Some reports are missing though the ring is empty: on their way, or they never will come.</summary>
    /// <remarks>
    /// A program that had found a line just before it was given to another connection counts its report there. Then the counts never meet and
    /// every packet is reported for ever. What is missing by the same number for two seconds is not on its way: the line's count is put right.
    /// </remarks>
    private void NoteLag(ref Connection<TAddress> connection, MonotonicTime now)
    {
        if (!_worker.HasReadAllReports) return;
        byte lag = LagOf(connection.FlowInbound - 1, connection.FlowReports);
        if (connection.FlowOutbound != 0) lag = unchecked((byte)(lag + (7 * LagOf(connection.FlowOutbound - 1, connection.FlowReports))));
        byte second = unchecked((byte)(now.Nanoseconds >> 30));
        byte since = unchecked((byte)(second - (connection.FlowLag >> 8)));
        bool isSame = (connection.FlowLag & 0xFF) == lag && connection.FlowLag != 0 && since < 128;
        if (!isSame) connection.FlowLag = (ushort)((second << 8) | lag);
        if (!isSame || since < 2) return;
        PutCountRight(in connection, connection.FlowInbound - 1);
        if (connection.FlowOutbound != 0) PutCountRight(in connection, connection.FlowOutbound - 1);
        connection.FlowLag = 0;
        TrySetMasks(in connection);
    }

    private byte LagOf(int line, uint reports) => unchecked((byte)((Volatile.Read(ref _flows!.StateOf(line).Report) / FlowAbi.OneReport) - reports));

    private void PutCountRight(in Connection<TAddress> connection, int line)
    {
        ref uint report = ref _flows!.StateOf(line).Report;
        uint seen = Volatile.Read(ref report), right = ReportWord(connection.FlowReports, connection.State, FlowEvents.None);
        if (seen / FlowAbi.OneReport == connection.FlowReports) return;
        if (Interlocked.CompareExchange(ref report, right, seen) == seen) _tally.Count(OffloadCount.Resyncs);
    }
}
