using NetVS.Director.Offload;
using NetVS.Director.Protocols;
using NetVS.Packets;

namespace NetVS.Director;

/// <content>The worker's part of the flow table: reports, and keeping lines right when the network or the settings change.</content>
public sealed partial class DirectorWorker
{
    /// <summary>Reports taken in one call.</summary>
    private const int ReportBudget = 4096;

    /// <summary>Connections looked at in one call, so that packets wait a millisecond at most.</summary>
    private const int RefreshBudget = 2048;

    // Of the golden ratio: each connection begins to count somewhere else, so that a report that came too late for a line's former
    // connection does not find a count it knows.
    private const uint ReportOriginStep = 0x9E3779;

    // Nothing wakes a worker for a report: while TCP connections are in the table it looks this often.
    private static readonly TimeSpan s_reportInterval = TimeSpan.FromMilliseconds(20);

    private readonly FlowRing? _reports;
    private uint _reportOrigin;
    private FlowTerms _refreshedFor;
    private bool _isRefreshWanted;
    private bool _isLoudWanted;
    private bool _refreshIsLoud;
    private int _settledTimeouts;
    private DirectorTimeouts _formerTimeouts;
    private SweepCursor _refresh;

    /// <summary>Whether no report is waiting.</summary>
    internal bool HasReadAllReports => _reports is null || _reports.IsEmpty;

    /// <summary>
    /// Whether timeouts were changed and not every connection in the flow table knows: what its lines say of packets may be from before.
    /// </summary>
    internal bool AreTimeoutsChanging => _settledTimeouts != Timeouts.Version;

    /// <summary>The timeout that a packet loaded before the change.</summary>
    /// <param name="isTcp">Whether the connection is TCP; otherwise UDP.</param>
    /// <param name="state">The TCP state.</param>
    /// <param name="own">The timeouts of its service's own now.</param>
    internal uint FormerTimeoutOf(bool isTcp, TcpState state, ServiceTimeouts? own)
    {
        ServiceTimeouts? former = ServiceTimeouts.At(own, _settledTimeouts);
        uint ofService = former is null ? 0 : isTcp ? former.OfTcp(state) : former.Udp;
        if (ofService != 0) return ofService;
        if (!isTcp) return (uint)_formerTimeouts.Udp;
        return state switch
        {
            TcpState.Established => (uint)_formerTimeouts.Tcp,
            TcpState.FinWait => (uint)_formerTimeouts.TcpFin,
            _ => Timeouts.OfTcp(state),
        };
    }

    /// <summary>Takes in what the fast path has reported, bounded work per call. Call it before each batch.</summary>
    public void DrainReports(MonotonicTime now)
    {
        if (_reports is null) return;
        for (int i = 0; i < ReportBudget && _reports.TryRead(out FlowEvent report); i++)
        {
            if (report.Family == 4) _v4.TakeReport(in report, now);
            else _v6.TakeReport(in report, now);
        }
    }

    /// <summary>After adoption: takes in what was reported while no director lived, then says what need not be reported any more.</summary>
    internal void SettleAdopted(MonotonicTime now)
    {
        while (!HasReadAllReports) DrainReports(now);
        _v4.SettleAdopted(now);
        _v6.SettleAdopted(now);
    }

    /// <summary>Where a connection's count of reports begins.</summary>
    internal uint TakeReportOrigin() => _reportOrigin = unchecked(_reportOrigin + ReportOriginStep) & FlowAbi.MostReports;

    /// <summary>
    /// Goes through all connections with lines when anything has changed that their lines or timers follow from: routes, path MTUs, timeouts,
    /// settings; a part in every call. A change during a pass begins another one behind it.
    /// </summary>
    /// <returns>Whether there is more to do at once.</returns>
    private bool RefreshFlows(MonotonicTime now)
    {
        if (Engine.Offload is null) return false;
        var terms = new FlowTerms(RouteVersion, Timeouts.Version, Settings.UsesSecureTcp, Settings.PmtuDisc, Engine.Sync.IsStandingBy);
        if (terms != _refreshedFor)
        {
            _isLoudWanted |= terms.Timeouts != _refreshedFor.Timeouts;
            _refreshedFor = terms;
            _isRefreshWanted = true;
        }

        if (!_refresh.IsRunning)
        {
            if (!_isRefreshWanted) return false;
            (_isRefreshWanted, _refreshIsLoud, _isLoudWanted) = (false, _isLoudWanted, false);
            _refresh.Begin();
        }

        bool hasMore = _refresh.MoveTo(_refresh.IsV6
            ? _v6.RefreshFlows(_refresh.Handle, RefreshBudget, _refreshIsLoud, now)
            : _v4.RefreshFlows(_refresh.Handle, RefreshBudget, _refreshIsLoud, now));
        if (!hasMore && !_isLoudWanted && AreTimeoutsChanging) SettleTimeouts(_refreshedFor.Timeouts);
        return hasMore || _isRefreshWanted;
    }

    private void SettleTimeouts(int version)
    {
        _formerTimeouts = Timeouts.Current;
        _settledTimeouts = version;
    }

    private bool HasTcpFlows => Engine.Offload is not null && Engine.Offload.TallyOf(Index).Read(OffloadCount.TcpNow) > 0;

    /// <summary>What lines and timers in the flow table follow from, besides their connection.</summary>
    private readonly record struct FlowTerms(int Routes, int Timeouts, bool UsesSecureTcp, bool PmtuDisc, bool IsStandingBy);
}
