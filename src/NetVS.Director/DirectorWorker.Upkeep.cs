using NetVS.Director.Connections;
using NetVS.Director.Forwarding;
using NetVS.Packets;

namespace NetVS.Director;

/// <content>What is done between batches: timers, sweeps, listings.</content>
public sealed partial class DirectorWorker
{
    /// <summary>Timer entries looked at in one call, over both families.</summary>
    private const int TimerBudget = 4096;

    /// <summary>Connections looked at in one call of a sweep.</summary>
    private const int SweepBudget = 16384;

    private static readonly TimeSpan s_upkeepInterval = TimeSpan.FromSeconds(1);

    /// <summary>Connections looked at in one call of a thinning; they lie anywhere in memory.</summary>
    private const int ThinningBudget = 2048;

    private int _sweepsSeen;
    private int _thinningsSeen;
    private int _clientCountsSeen;
    private SweepCursor _clientCounting;
    private int _thinningLeftV4, _thinningLeftV6;
    private SweepCursor _sweep;
    private MonotonicTime _nextUpkeep;

    /// <summary>Expires what is due, bounded work per call.</summary>
    /// <returns>When to call again at the latest, if no packet comes before.</returns>
    public MonotonicTime AdvanceTimers(MonotonicTime now)
    {
        _lastTime = now;
        DrainReports(now);
        bool isRefreshing = RefreshFlows(now) | AnnounceFlows(now) | BindSynced();
        MonotonicTime next = Earlier(_v4.ExpireConnections(now, TimerBudget / 2), _v6.ExpireConnections(now, TimerBudget / 2));
        if (now >= _nextUpkeep)
        {
            _nextUpkeep = now + s_upkeepInterval;
            PathMtus.Expire(now);
            _v4.KeepUp(now);
            _v6.KeepUp(now);
        }

        if (SweepUnwanted(now) | ThinOut(now) | CountClients() || isRefreshing) return now;
        next = Earlier(next, _nextUpkeep);
        return HasTcpFlows ? Earlier(next, now + s_reportInterval) : next;
    }

    /// <summary>Appends a view of connections, resuming at <paramref name="cursor"/>; returns the next cursor, or -1 at the end.</summary>
    /// <param name="cursor">0 to begin, then what the last call returned.</param>
    /// <param name="limit">The most connections to look at in this call, so that packets do not wait.</param>
    /// <param name="now">For the time left.</param>
    /// <param name="into">Where views are appended.</param>
    public long CopyConnections(long cursor, int limit, MonotonicTime now, List<ConnectionView> into)
    {
        ArgumentNullException.ThrowIfNull(into);
        DrainReports(now);

        // The lower half of the cursor is the handle to go on behind; the upper half says in which table. Templates and what is expected belong to all workers.
        int table = (int)(cursor >> 32), handle = (int)(cursor & 0xFFFF_FFFF), tables = Index == 0 ? 6 : 2;
        for (; table < tables; table++, handle = 0)
        {
            handle = table switch
            {
                0 => _v4.CopyConnections(handle, ref limit, now, into),
                1 => _v6.CopyConnections(handle, ref limit, now, into),
                2 => _v4.CopyTemplates(handle, ref limit, now, into),
                3 => _v6.CopyTemplates(handle, ref limit, now, into),
                4 => _v4.CopyExpected(handle, ref limit, now, into),
                _ => _v6.CopyExpected(handle, ref limit, now, into),
            };
            if (handle >= 0) return ((long)table << 32) | (uint)handle;
        }

        return -1;
    }

    /// <summary>
    /// Ends the connections of drained destinations, and of deleted ones when <c>expire_nodest_conn</c> asks for it (reference §2.6), a part in every call.
    /// </summary>
    /// <returns>Whether there is more to do at once.</returns>
    private bool SweepUnwanted(MonotonicTime now)
    {
        int asked = Engine.DestinationSweeps;
        if (asked != _sweepsSeen)
        {
            _sweepsSeen = asked;
            _sweep.Begin();
        }

        return _sweep.IsRunning && _sweep.MoveTo(_sweep.IsV6
            ? _v6.EndUnwanted(_sweep.Handle, SweepBudget, now)
            : _v4.EndUnwanted(_sweep.Handle, SweepBudget, now));
    }

    /// <summary>Counts connections for their clients where a service has begun to limit these, a part in every call.</summary>
    /// <returns>Whether there is more to do at once.</returns>
    private bool CountClients()
    {
        int asked = Engine.ClientCounting.Version;
        if (asked != _clientCountsSeen)
        {
            _clientCountsSeen = asked;
            _clientCounting.Begin();
        }

        return _clientCounting.IsRunning && _clientCounting.MoveTo(_clientCounting.IsV6
            ? _v6.CountClients(_clientCounting.Handle, SweepBudget)
            : _v4.CountClients(_clientCounting.Handle, SweepBudget));
    }

    /// <summary>Has connections looked at that overload may cost (drop_entry), a part in every call.</summary>
    /// <returns>Whether there is more to do at once.</returns>
    private bool ThinOut(MonotonicTime now)
    {
        int asked = Engine.Defence.Thinnings;
        if (asked != _thinningsSeen)
        {
            _thinningsSeen = asked;
            _thinningLeftV4 = _v4.LooksOfThinning;
            _thinningLeftV6 = _v6.LooksOfThinning;
        }

        if ((_thinningLeftV4 | _thinningLeftV6) == 0) return false;
        int looksV4 = Math.Min(_thinningLeftV4, ThinningBudget), looksV6 = Math.Min(_thinningLeftV6, ThinningBudget);
        _v4.ThinOut(looksV4, now);
        _v6.ThinOut(looksV6, now);
        _thinningLeftV4 -= looksV4;
        _thinningLeftV6 -= looksV6;
        return (_thinningLeftV4 | _thinningLeftV6) != 0;
    }

    private static MonotonicTime Earlier(MonotonicTime first, MonotonicTime second) => first < second ? first : second;
}
